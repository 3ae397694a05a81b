/// The status and the headers of a final response. Interim (1xx) responses are not shown.
package struct HTTPResponseHead: Sendable, Equatable {
    /// 200...599, or 101.
    package var status: Int
    package var headers: HTTPHeaders

    package init(status: Int, headers: HTTPHeaders = [:]) {
        self.status = status
        self.headers = headers
    }
}

/// A whole response. Any status is a response, not an error.
package struct HTTPResponse: Sendable, Equatable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var isSuccess: Bool { (200...299).contains(status) }
    /// The content as UTF-8, repaired.
    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// A response whose head has arrived and whose content arrives while it is read.
package struct HTTPStreamResponse: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    /// Dropping the last copy aborts the transfer.
    package let body: HTTPBody

    package init(status: Int, headers: HTTPHeaders = [:], body: HTTPBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var isSuccess: Bool { (200...299).contains(status) }
}
