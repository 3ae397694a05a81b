/// The content of a streamed response, in pieces of any size up to the client's stream window.
///
/// One reader, once: a second reader at the same time gets an error. While nobody reads, the transfer is
/// paused and the server is throttled by TCP. Cancelling the reading task aborts the transfer. After an error
/// every further read throws it again: a failure never looks like an end.
package struct HTTPBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = HTTPError

    private enum Source: Sendable {
        case transfer(Lease)
        case canned([[UInt8]], failure: HTTPError?)
    }

    private let source: Source

    init(_ exchange: Exchange) { source = .transfer(Lease(exchange: exchange)) }

    /// A body without a network, for tests of code that reads one: the pieces, then the end or the failure.
    package init(pieces: [[UInt8]], failure: HTTPError? = nil) { source = .canned(pieces, failure: failure) }

    package func makeAsyncIterator() -> Iterator {
        switch source {
        case .transfer(let lease): Iterator(lease: lease, pieces: [], failure: nil)
        case .canned(let pieces, let failure): Iterator(lease: nil, pieces: pieces[...], failure: failure)
        }
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let lease: Lease?
        fileprivate var pieces: ArraySlice<[UInt8]>
        fileprivate let failure: HTTPError?

        package mutating func next() async throws(HTTPError) -> [UInt8]? {
            try await next(isolation: nil)
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HTTPError) -> [UInt8]? {
            if let lease { return try await lease.exchange.nextPiece(isolation: actor) }
            if let piece = pieces.popFirst() { return piece }
            if let failure { throw failure }
            return nil
        }
    }

    /// Ends the transfer with the last copy of the body: a reader that leaves its loop early holds no
    /// connection.
    fileprivate final class Lease: Sendable {
        let exchange: Exchange

        init(exchange: Exchange) { self.exchange = exchange }

        deinit { exchange.cancel() }
    }
}
