import Commands
import Host
import Kernel
import Model
import SQLiteStorage
import Storage

/// What this machine needs to run plans, in the order people would fix it.
struct Doctor {
    let statePath: String

    func examine() async -> [Diagnosis] {
        [state(), bootClock(), shell(), openFiles()]
    }

    private func state() -> Diagnosis {
        do throws(StoreOpenError) {
            let directory = try StateDirectory.open(statePath)
            return Diagnosis("state", .good, "\(directory.path) is writable, and no controller holds it")
        } catch {
            if case .locked = error.code { return Diagnosis("state", .good, "a controller runs: \(error.what)") }
            return Diagnosis("state", .bad, "\(statePath) \(error.what)", fix: error.next)
        }
    }

    private func bootClock() -> Diagnosis {
        let id = BootClock.bootID
        return id.isEmpty
            ? Diagnosis(
                "boot id", .bad, "/proc/sys/kernel/random/boot_id can't be read",
                fix: "mount /proc: without it a worker of an earlier boot can't be told from one of this")
            : Diagnosis("boot id", .good, id)
    }

    private func shell() -> Diagnosis {
        Files.exists("/bin/sh")
            ? Diagnosis("shell", .good, "/bin/sh is there for tasks")
            : Diagnosis(
                "shell", .unknown, "/bin/sh is missing",
                fix: "tasks whose command is sh need it: install dash or busybox")
    }

    /// Each worker takes a handful of descriptors of the controller, each attempt of its worker.
    private func openFiles() -> Diagnosis {
        let limit = ResourceLimit.openFiles
        return limit >= 1024
            ? Diagnosis("open files", .good, "up to \(limit)")
            : Diagnosis("open files", .bad, "only \(limit)", fix: "raise it: ulimit -n 4096")
    }
}
