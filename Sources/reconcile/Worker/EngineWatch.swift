import Agent
import Docker
import Host
import HTTP
import Kernel
import Model
import Ports

/// The container engine beside a worker, for tasks that name an image. It may come and go: what was found once is
/// looked for again.
struct EngineWatch: Sendable {
    private let address: EngineAddress
    private let client: EngineClient

    /// One that answers no faster counts as gone.
    private static let patience = Duration.seconds(2)
    private static let interval = Duration.seconds(10)

    /// Nil where `text` names none of this machine: an engine elsewhere sees none of the worker's files.
    init?(_ text: String) {
        guard let address = EngineAddress(text), address.isHere else { return nil }
        self.address = address
        client = EngineClient(address, http: HTTPClient(), setting: "DOCKER_HOST")
    }

    /// Of this machine, as `DOCKER_HOST` names it; nil where that names one elsewhere.
    static var here: EngineWatch? { EngineWatch(Providers.standardEngine) }

    var text: String { address.text }
    var containers: TaskContainers { TaskContainers(engine: client) }

    /// The version of its API; nil where none answers.
    func version() async -> String? {
        guard let socket = address.socket, Files.exists(socket) else { return nil }
        guard case .success(let version) = await client.greet(within: Self.patience) else { return nil }
        return version
    }

    /// Tells what it finds, as long as it runs.
    func follow(clock: SystemClock, _ tell: (String?) -> Void) async {
        while !Task.isCancelled {
            await clock.sleep(until: clock.now.instant + Self.interval)
            let found = await version()
            if !Task.isCancelled { tell(found) }
        }
    }
}
