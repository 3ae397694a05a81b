import CLinux
import Glibc

/// Stream sockets with a name in the file system (unix(7)).
package enum LocalSocket {
    /// Listens under a new name in that directory, however long its path is; the name must be free. Whoever reaches the
    /// name may connect.
    package static func listen(in directory: String, as name: String) throws(SystemError) -> Descriptor {
        let place = try Descriptor.open(directory, .read)
        let socket = try make()
        // A path of more than 107 bytes fits no address.
        let path = "/proc/self/fd/\(place.raw)/\(name)"
        try check("bind", "\(directory)/\(name)") { clinux_bind_local(socket.raw, path) }
        try check("chmod", "\(directory)/\(name)") { chmod("\(directory)/\(name)", 0o666) }
        try check("listen", "\(directory)/\(name)") { Glibc.listen(socket.raw, 4) }
        return socket
    }

    /// `path`: of 107 bytes at most.
    package static func connect(to path: String) throws(SystemError) -> Descriptor {
        let socket = try make()
        try check("connect", path) { clinux_connect_local(socket.raw, path) }
        return socket
    }

    package static func accept(from listener: Descriptor) throws(SystemError) -> Descriptor {
        let raw = try check("accept") { Glibc.accept(listener.raw, nil, nil) }
        return try Descriptor.inherited(raw)
    }

    /// Nobody gets in any more; who waits for somebody to come is told at once.
    package static func close(_ listener: Descriptor) { _ = shutdown(listener.raw, Int32(SHUT_RDWR)) }

    private static func make() throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try check("socket") { socket(AF_UNIX, type, 0) })
    }
}

extension Descriptor {
    /// How many go in one message.
    package static let mostPassed = clinux_most_descriptors

    /// Sends open descriptors to the other end of a local socket, which has its own of each then.
    package func pass(_ descriptors: [Descriptor]) throws(SystemError) {
        guard (1...Self.mostPassed).contains(descriptors.count) else { throw SystemError("sendmsg", code: E2BIG) }
        let numbers = descriptors.map(\.raw)
        try check("sendmsg") { clinux_send_descriptors(raw, numbers, Int32(numbers.count)) }
        withExtendedLifetime(descriptors) {}
    }

    /// Waits for what `pass` sent, in its order.
    package func takePassed() throws(SystemError) -> [Descriptor] {
        var numbers = [Int32](repeating: -1, count: Self.mostPassed)
        let count = try check("recvmsg") { clinux_receive_descriptors(raw, &numbers) }
        return numbers.prefix(Int(count)).map { Descriptor(owning: $0) }
    }
}
