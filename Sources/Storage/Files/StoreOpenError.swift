/// Why a state can't be opened: where, what is the matter, and what to do next. Nothing on disk was changed.
package struct StoreOpenError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// The directory or a file in it can't be made or written.
        case notWritable
        /// Another process owns the state; its process id, if it wrote one.
        case locked(by: Int?)
        /// Written by a newer version of this program.
        case newer(found: Int, supported: Int)
        /// A file of something else.
        case foreign
        /// Damaged, cut off, or a part of it is missing.
        case corrupt
    }

    package let code: Code
    package let path: String
    package let what: String
    package let next: String

    package init(_ code: Code, _ path: String, _ what: String, next: String) {
        self.code = code
        self.path = path
        self.what = what
        self.next = next
    }

    package var description: String { "\(path) \(what). \(next)." }
}
