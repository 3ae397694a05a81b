import APIServer
import Client
import Commands
import Model
import Ports
import Storage
import Synchronization
import Tree

/// The program around the commands, as a test needs it: one store in memory, and what a test says for the rest.
final class DeskRuntime: Runtime {
    let server: APIServer
    let direct: DirectClient
    let blobs = MemoryBlobStore()
    private let said = Mutex(Said())

    private struct Said {
        var report = PlanReport()
        var diagnoses: [Diagnosis] = []
        var swept = SweepReport()
        var sweptAgain: SweepReport?
        var sweeps = 0
        var once: [OnceOptions] = []
        var plans: [(PlanOptions, Int)] = []
        var hidden: [[String]] = []
        var standing = ControllerStanding.runs
        var answering: (any APIClient)?
    }

    init() {
        server = APIServer(
            store: MemoryStore(), blobs: blobs, clock: StillClock(), random: Counting(), version: "test")
        direct = DirectClient(server)
    }

    private final class Counting: RandomSource {
        private let count = Mutex<UInt64>(0)
        func next() -> UInt64 {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    var report: PlanReport {
        get { said.withLock { $0.report } }
        set { said.withLock { $0.report = newValue } }
    }
    var diagnoses: [Diagnosis] {
        get { said.withLock { $0.diagnoses } }
        set { said.withLock { $0.diagnoses = newValue } }
    }
    var standing: ControllerStanding {
        get { said.withLock { $0.standing } }
        set { said.withLock { $0.standing = newValue } }
    }
    var swept: SweepReport {
        get { said.withLock { $0.swept } }
        set { said.withLock { $0.swept = newValue } }
    }
    var sweptAgain: SweepReport? {
        get { said.withLock { $0.sweptAgain } }
        set { said.withLock { $0.sweptAgain = newValue } }
    }
    var onceOptions: [OnceOptions] { said.withLock { $0.once } }
    var planned: [(PlanOptions, Int)] { said.withLock { $0.plans } }
    var hiddenArguments: [[String]] { said.withLock { $0.hidden } }

    func client(_ options: GlobalOptions) async throws -> any APIClient { answering }
    /// Who answers the commands; the store itself, unless a test says otherwise.
    var answering: any APIClient {
        get { said.withLock { $0.answering } ?? direct }
        set { said.withLock { $0.answering = newValue } }
    }
    func controller(_ options: GlobalOptions) async throws -> ControllerStanding { said.withLock { $0.standing } }
    func watchOutput() {}

    func serve(_ options: ServeOptions, ready: @escaping @Sendable (Served) -> Void) async throws -> Int32 {
        ready(
            Served(
                address: "https://\(options.bindAddress ?? "127.0.0.1:1")", kubeconfig: "/state/kubeconfig",
                state: "/state",
                processID: 7))
        return 130
    }

    func stop(_ options: GlobalOptions) async throws -> Int? { options.state == "/none" ? nil : 7 }

    func once(_ options: OnceOptions, _ body: @Sendable (any APIClient) async throws -> Int32) async throws -> Int32 {
        said.withLock { $0.once.append(options) }
        return try await body(direct)
    }

    func plan(_ options: PlanOptions, documents: [Tree]) async throws -> PlanReport {
        said.withLock { $0.plans.append((options, documents.count)) }
        return report
    }

    func namespace(_ options: GlobalOptions) -> String { options.context == "shop" ? "shop" : "default" }

    func diagnose(_ options: GlobalOptions) async throws -> [Diagnosis] { diagnoses }
    /// Every other time what is found when it looks again, where a test says that.
    func sweep(_ options: SweepOptions) async throws -> SweepReport {
        said.withLock { said in
            said.sweeps += options.dryRun ? 0 : 1
            return said.sweeps % 2 == 0 && !options.dryRun ? said.sweptAgain ?? said.swept : said.swept
        }
    }
    func settings(_ options: GlobalOptions) -> [Setting] {
        [
            Setting(
                Setting.state, options.state ?? "/var/lib/reconcile", from: options.state == nil ? "default" : "--state"
            )
        ]
    }
    func hidden(_ verb: HiddenVerb, arguments: [String]) async -> Int32 {
        said.withLock { $0.hidden.append([verb.rawValue] + arguments) }
        return 9
    }
}
