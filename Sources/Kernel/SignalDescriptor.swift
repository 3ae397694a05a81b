import CLinux
import Glibc

/// Signals of a program with one thread, as something to read. They are blocked in the calling thread and in those that
/// it starts later; with other threads about use `SignalPipe`. Children start with no signal blocked.
package struct SignalDescriptor: Sendable {
    package let descriptor: Descriptor

    package init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        let failure = pthread_sigmask(SIG_BLOCK, &set, nil)
        guard failure == 0 else { throw SystemError("pthread_sigmask", code: failure) }
        descriptor = Descriptor(owning: try check("signalfd") { signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK)) })
    }

    /// The signals that came since the last call. Equal ones that came close together are one.
    package func take() throws(SystemError) -> [Int32] {
        let size = MemoryLayout<signalfd_siginfo>.size
        guard case .bytes(let bytes) = try descriptor.read(upTo: 16 * size) else { return [] }
        // ssi_signo is the first field.
        return stride(from: 0, to: bytes.count - size + 1, by: size).map { start in
            bytes.withUnsafeBytes { Int32($0.loadUnaligned(fromByteOffset: start, as: UInt32.self)) }
        }
    }
}
