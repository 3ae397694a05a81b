import Documents
import Host
import Kernel
import Local
import Model
import Ports

/// The worker process's side of its start, wherever it is: what it was told, and what it holds as long as it lives.
struct Seat: Sendable {
    let launch: WorkerLaunch
    /// Passed on to every guard.
    let lock: Descriptor
    /// Leaves the exit code where the provider can't see it.
    let leave: @Sendable (Int32) -> Void
    /// What every task gets besides its own.
    let environment: [String: String]

    private static let launchBytes = 1 << 20

    /// `worker --launch FILE` in a container, which has nothing to inherit; `worker NAME` for a child of its
    /// controller.
    static func take(_ arguments: [String]) throws -> Seat {
        guard let place = arguments.firstIndex(of: "--launch"), place + 1 < arguments.count else {
            let seat = try WorkerSeat.take()
            return Seat(
                // try?: its directory may be gone; the code is also the process's own.
                launch: seat.launch, lock: seat.lock, leave: { try? seat.leave(code: Int($0)) },
                environment: AttemptRunner.standardEnvironment)
        }
        return try takeFile(arguments[place + 1])
    }

    /// The file is taken away before anything is done: whoever starts the container a second time finds none and ends.
    private static func takeFile(_ path: String) throws -> Seat {
        guard let bytes = try Files.read(path, limit: launchBytes) else {
            throw Stopped(description: "\(path) is gone: a container is started once; its pool replaces it")
        }
        try Files.remove(path)
        let launch = try WorkerLaunch(tree: try JSON.parse(bytes))
        guard let lock = try FileLock.take(launch.directory + "/lock") else {
            throw Stopped(description: "another worker runs in \(launch.directory)")
        }
        var environment = AttemptRunner.standardEnvironment
        // What the image says of its own programs.
        environment.merge(Environment.values) { _, image in image }
        return Seat(launch: launch, lock: lock.descriptor, leave: { _ in }, environment: environment)
    }
}
