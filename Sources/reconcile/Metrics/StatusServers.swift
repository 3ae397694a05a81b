import Logging
import Ports
import Serve

/// What `--metrics-bind-address` and `--health-probe-bind-address` open, over plain HTTP and for anybody who reaches
/// it, as scrapers and kubelets expect.
struct StatusServers: Sendable {
    let metrics: ListenAddress?
    let probes: ListenAddress?

    init(metrics: String?, probes: String?) throws {
        self.metrics = try .optional(metrics, option: "--metrics-bind-address")
        self.probes = try .optional(probes, option: "--health-probe-bind-address")
    }

    /// Until cancelled; throws where an address can't be listened at.
    func run(_ controller: Controller, logger: Logger) async throws {
        var quiet = logger
        quiet.logLevel = .critical
        try await withThrowingTaskGroup(of: Void.self) { [quiet] group in
            if let metrics {
                group.addTask {
                    try await Self.serve(metrics, quiet, "--metrics-bind-address") { path in
                        guard path == "/metrics" else { return nil }
                        do throws(StoreError) { return Self.text(200, try await controller.metrics().text()) } catch {
                            return Self.text(503, "the store does not answer: \(error.message)\n")
                        }
                    }
                }
            }
            if let probes {
                group.addTask {
                    try await Self.serve(probes, quiet, "--health-probe-bind-address") { path in
                        switch path {
                        case "/healthz", "/livez": Self.text(200, "ok\n")
                        case "/readyz":
                            controller.leads
                                ? Self.text(200, "ok\n") : Self.text(503, "the controllers have not begun\n")
                        default: nil
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func serve(
        _ address: ListenAddress, _ logger: Logger, _ option: String,
        _ answer: @escaping @Sendable (String) async -> ServedResponse?
    ) async throws {
        let server = Server(
            .tcp(host: address.host, port: address.port), logger: logger, started: { _ in },
            receive: { request in
                guard request.method == "GET" else { return .refused(text(405, "only GET\n")) }
                return .refused(await answer(request.path) ?? text(404, "not found\n"))
            })
        do { try await server.run() } catch let error as AddressInUse {
            throw Stopped(description: "\(option): \(error); choose another port")
        }
    }

    private static func text(_ status: Int, _ body: String) -> ServedResponse {
        ServedResponse(
            status: status, contentType: "text/plain; version=0.0.4; charset=utf-8", body: .bytes(Array(body.utf8)))
    }
}
