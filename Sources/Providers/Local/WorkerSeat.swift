import Documents
package import Kernel
import Model
package import Ports

/// The worker process's side of its start: it reads what it is told, and holds its lock. Pass `lock` on to every guard,
/// so that the worker counts as alive until the last of its tasks is gone.
package struct WorkerSeat: Sendable {
    package static let launchDescriptor: Int32 = 3
    package static let lockDescriptor: Int32 = 4

    package let launch: WorkerLaunch
    package let lock: Descriptor

    /// Waits for the launch. Throws when the controller took it back or died first: then this process must simply end.
    package static func take() throws -> WorkerSeat {
        let lock = try Descriptor.inherited(lockDescriptor)
        let source = try Descriptor.inherited(launchDescriptor)
        let bytes = try source.readAll(limit: LocalProvider.launchBytes)
        return WorkerSeat(launch: try WorkerLaunch(tree: try JSON.parse(bytes)), lock: lock)
    }

    /// Leaves the exit code for a controller that is not the parent. Call it last, on an orderly exit.
    package func leave(code: Int) throws(SystemError) {
        var exit = ExitRecord()
        exit.code = code
        try WorkerDirectory(path: launch.directory).write(exit)
    }
}
