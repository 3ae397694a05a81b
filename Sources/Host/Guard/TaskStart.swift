import Glibc
import Kernel
import Model
import Ports

/// Starts the task's program: found as a shell finds it, and confined where its order says so.
struct TaskStart {
    let order: GuardOrder

    struct Refused: Error {
        let message: String
    }

    private var place: String { order.image.map { "in image \($0)" } ?? "on this worker" }

    private var confinement: Confinement? {
        order.confinement.map {
            Confinement(
                readable: $0.readable, writable: $0.writable, hidden: $0.hidden, own: $0.own,
                isContained: $0.isContained)
        }
    }

    /// The program and where it starts, or why it can't be.
    func request(_ output: Descriptor) throws -> SpawnRequest {
        let confinement = confinement
        // Before it is looked whether it is there: what is out of reach is not told of.
        if let confinement, !confinement.covers(order.workingDirectory) {
            throw Refused(message: outOfReach("the working directory \(order.workingDirectory)", "writable"))
        }
        if !Files.exists(order.workingDirectory) {
            throw Refused(message: "the working directory \(order.workingDirectory) does not exist \(place)")
        }
        var request = SpawnRequest(order.command, environment: order.environment)
        do throws(ProgramSearch.NotFound) {
            request.program = try ProgramSearch.path(
                of: order.command.first ?? "", environment: order.environment, workingDirectory: order.workingDirectory,
                place: place)
        } catch {
            throw Refused(message: error.message)
        }
        if let confinement, !confinement.covers(request.program) {
            throw Refused(message: outOfReach("the program \(request.program)", "readable"))
        }
        request.workingDirectory = order.workingDirectory
        request.group = .own
        request.descriptors = [nil, output, output]
        return request
    }

    private func outOfReach(_ what: String, _ list: String) -> String {
        "\(what) is out of a confined task's reach: name its directory in spec.provider.local.\(list) of the Region"
    }

    func spawn(_ request: SpawnRequest) throws -> Int32 {
        guard let confinement else { return try request.spawn() }
        // A thread confines itself, starts the program, and ends: this process stays free to end what it started.
        let result = PosixThread.run { () -> Result<Int32, SystemError> in
            do throws(SystemError) {
                try confinement.apply()
                return .success(try request.spawn())
            } catch { return .failure(error) }
        }
        guard let result else { throw SystemError("pthread_create", code: EAGAIN) }
        return try result.get()
    }
}
