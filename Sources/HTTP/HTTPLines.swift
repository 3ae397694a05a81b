/// The lines of a streamed body, for watches and logs. Holds one partial line and the lines of one piece.
package struct HTTPLines: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = HTTPError

    fileprivate let body: HTTPBody
    fileprivate let limit: Int

    package func makeAsyncIterator() -> Iterator {
        Iterator(pieces: body.makeAsyncIterator(), splitter: Lines(limit: limit))
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var pieces: HTTPBody.Iterator
        fileprivate var splitter: Lines
        private var ready: [[UInt8]] = []
        private var position = 0
        private var isOver = false

        fileprivate init(pieces: HTTPBody.Iterator, splitter: Lines) {
            self.pieces = pieces
            self.splitter = splitter
        }

        package mutating func next() async throws(HTTPError) -> [UInt8]? {
            try await next(isolation: nil)
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HTTPError) -> [UInt8]? {
            while true {
                if position < ready.count {
                    defer { position += 1 }
                    return ready[position]
                }
                if isOver { return nil }
                guard let piece = try await pieces.next(isolation: actor) else {
                    isOver = true
                    return splitter.finish()
                }
                do {
                    ready = try splitter.feed(piece)
                } catch {
                    isOver = true
                    throw error
                }
                position = 0
            }
        }
    }
}

extension HTTPBody {
    package func lines(limit: Int = Lines.defaultLimit) -> HTTPLines { HTTPLines(body: self, limit: limit) }
}
