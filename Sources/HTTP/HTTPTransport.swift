/// What code that talks HTTP asks for. `HTTPClient` is it over the network; tests answer from memory.
///
/// Guarantees: every status is a response; an error says whether the request may have been applied;
/// cancelling the task ends the call at once with `.cancelled`. Nothing is retried but an idempotent request
/// on a kept connection that was dead.
package protocol HTTPTransport: Sendable {
    /// The whole response, its content within `request.maxResponseBytes`.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse

    /// The response as soon as its head is there; the content follows under back-pressure.
    func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStreamResponse
}
