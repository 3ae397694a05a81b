import Engine
import HTTP
import Kernel
import Model
import Ports

/// Whether a declared external answers: a TCP connection, or an HTTP answer below 500.
struct Prober: Sendable {
    private static let timeout = Duration.seconds(5)
    let clock: any Ports.Clock
    private let http: HTTPClient

    /// What plans name is anybody's choice who may write a plan: this machine's own addresses are out of reach unless
    /// its owner says otherwise.
    init(clock: any Ports.Clock, egress: AddressRule) {
        self.clock = clock
        var settings = HTTPClient.Settings()
        settings.addresses = egress
        settings.maxTransfers = Self.most
        // Dialled anew each time, and judged anew.
        settings.maxIdleConnections = 0
        http = HTTPClient(settings)
    }

    /// At once, of all plans together; more wait.
    private static let most = 16

    func probe(_ endpoint: String) async -> ExternalState {
        let isTCP = endpoint.hasPrefix("tcp://")
        // libcurl connects before it speaks: for a bare TCP port its answer, or the lack of one, says enough.
        let url = isTCP ? "http://" + endpoint.dropFirst(6) : endpoint
        var request = HTTPRequest(.get, url, timeout: Self.timeout)
        request.connectTimeout = Self.timeout
        request.maxResponseBytes = 64 << 10
        do throws(HTTPError) {
            let response = try await http.send(request)
            let works = isTCP || response.status < 500
            return state(works, works ? "answers" : "answered \(response.status)")
        } catch {
            if error.code == .notAllowed {
                return state(
                    false,
                    "not checked: \(error.text); `serve` allows more with --allow-local-endpoints and "
                        + "--endpoint-networks")
            }
            let connected =
                isTCP && ![.couldNotConnect, .invalidURL, .timeout, .overloaded, .cancelled].contains(error.code)
            return state(connected, connected ? "accepts connections" : error.text)
        }
    }

    private func state(_ available: Bool, _ message: String) -> ExternalState {
        ExternalState(available: available, message: message, checkedAt: clock.now.instant)
    }
}
