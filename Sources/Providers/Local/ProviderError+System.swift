import Glibc
import Kernel
import Ports

extension ProviderError {
    /// What a failed system call means to the engine. None of them leaves a worker behind that its directory does not
    /// tell of.
    init(_ error: SystemError) {
        switch error.code {
        case EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC, EDQUOT:
            self.init(.capacity, "this machine has no room for another worker: \(error)")
        case EACCES, EPERM, EROFS:
            self.init(.unauthorised, "\(error); the state directory and the worker's program must be this user's")
        case ENOEXEC, EINVAL:
            self.init(.invalid, "\(error); check the worker's program")
        case ENOENT where error.call == "start":
            self.init(.invalid, "\(error); check the worker's program")
        default:
            self.init(.unavailable, "\(error)")
        }
    }
}
