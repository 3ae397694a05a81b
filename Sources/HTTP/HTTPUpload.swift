/// Content of a request that is read while it is sent, and never held as a whole.
package struct HTTPUpload: Sendable {
    /// Bytes; sent as `Content-Length`.
    package let length: Int
    /// At least one and at most so many bytes from that place on; fewer than one ends the request as an error. It is
    /// called on the client's own thread, a second time for the same place where the request goes out again.
    package let read: @Sendable (_ offset: Int, _ atMost: Int) throws -> [UInt8]

    package init(length: Int, read: @escaping @Sendable (_ offset: Int, _ atMost: Int) throws -> [UInt8]) {
        self.length = length
        self.read = read
    }
}
