import CLinux
import Glibc

/// A program to start, and all that it gets: nothing else is inherited. Signals are at their defaults, none blocked.
package struct SpawnRequest: Sendable {
    package enum Group: Sendable {
        case ours
        case own
        case ownSession
    }

    /// A path; no search is made.
    package var program: String
    /// The name of the program first.
    package var arguments: [String]
    /// `NAME=VALUE` each.
    package var environment: [String]
    package var workingDirectory: String?
    package var group = Group.ours
    /// Descriptors of the child from 0 on; nil is `/dev/null`.
    package var descriptors: [Descriptor?] = [nil, nil, nil]

    package init(_ arguments: [String], environment: [String]) {
        program = arguments.first ?? ""
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts it and returns its process number. That the program can't be run is found out here.
    package func spawn() throws(SystemError) -> Int32 {
        for text in [program] + arguments + environment where text.utf8.contains(0) {
            throw SystemError("posix_spawn", "\(program): a NUL byte in its arguments or environment", code: EINVAL)
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // First out of the way of the numbers they are to get, so that none overwrites another.
        var sources: [Descriptor?] = []
        for descriptor in descriptors { sources.append(try descriptor?.duplicate(above: 64)) }
        addActions(sources, to: &actions)
        setAttributes(&attributes)
        var pid: pid_t = 0
        let failure = withCStrings(arguments) { argv in
            withCStrings(environment) { envp in posix_spawn(&pid, program, &actions, &attributes, argv, envp) }
        }
        withExtendedLifetime(sources) {}
        guard failure == 0 else { throw SystemError("start", program, code: failure) }
        return pid
    }

    private func addActions(_ sources: [Descriptor?], to actions: inout posix_spawn_file_actions_t) {
        for (number, source) in sources.enumerated() {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source.raw, Int32(number))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", O_RDWR, 0)
            }
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, Int32(sources.count))
        if let workingDirectory { posix_spawn_file_actions_addchdir_np(&actions, workingDirectory) }
    }

    private func setAttributes(_ attributes: inout posix_spawnattr_t) {
        var flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        switch group {
        case .ours: break
        case .own:
            flags |= Int16(POSIX_SPAWN_SETPGROUP)
            posix_spawnattr_setpgroup(&attributes, 0)
        case .ownSession: flags |= clinux_spawn_setsid
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, flags)
    }
}

extension Descriptor {
    fileprivate func duplicate(above number: Int32) throws(SystemError) -> Descriptor {
        Descriptor(owning: try check("fcntl", "descriptor \(raw)") { fcntl(raw, F_DUPFD_CLOEXEC, number) })
    }
}

/// The texts as C's null-terminated vector of strings, for the time of the call.
private func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}
