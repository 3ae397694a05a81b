import Engine
import HTTP
import Kernel
import Model
import Ports

/// Whether a declared external answers: a TCP connection, or an HTTP answer below 500.
struct Prober: Sendable {
    private static let timeout = Duration.seconds(5)
    let clock: any Ports.Clock
    private let http = HTTPClient()

    init(clock: any Ports.Clock) { self.clock = clock }

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
            let connected = isTCP && ![.couldNotConnect, .invalidURL, .timeout].contains(error.code)
            return state(connected, connected ? "accepts connections" : error.text)
        }
    }

    private func state(_ available: Bool, _ message: String) -> ExternalState {
        ExternalState(available: available, message: message, checkedAt: clock.now.instant)
    }
}
