import Agent
import Coordinator
import Engine
import Gateway
import Model
import Ports
import Storage
import WorkerProtocol

/// The whole world of a run as a value: the production store, coordinator and agents, and around them providers,
/// networks, disks, clocks and processes that fail as the scenario says. One agenda, virtual time, one source of
/// chance: the same scenario is the same run.
struct World: Sendable {
    let scenario: Scenario
    var chance: Chance
    var agenda = Agenda()
    var now = Instant.origin
    var trace: Trace
    /// Whether the trace says what every controller was told and asked for.
    var explains = false
    var violation: Violation?
    var isOver = false

    var store: StoreCore
    var controllers: [SimulatedController] = []
    /// The core of each controller.
    var cores: [CoordinatorCore] = []
    var agents: [SimulatedAgent] = []
    /// What is noted of each agent.
    var wires: [AgentWire] = []
    /// When the commit that is being made was decided; nil where a person makes it.
    var decidedAt: Instant?
    /// A watch that nobody pulls from.
    var staleWatch: WatchState?
    /// What could also be told to somebody was counted so often.
    var tries: UInt64 = 0
    var attempts: [SimulatedAttempt] = []
    var living: [Int] = []
    var providers: [SimulatedProvider] = []
    var requests: [UInt64: SimulatedRequest] = [:]
    var lastRequest: UInt64 = 0
    var activeFaults: [Fault] = []
    /// Ends the leader at its n-th effect from now.
    var armedCrash: (countdown: Int, point: Fault.CrashPoint)?
    /// Requests that outlive their callers, still on their way.
    var stragglers = 0
    /// For a mutant: the last end each task was reported to have come to.
    var formerEnds: [String: AttemptReport] = [:]
    var witness = Witness()
    var convergedAt: Instant?
    var restVersion: (version: UInt64, mutations: Int)?
    var convergenceTime: Duration?
    /// Of a drawn world: since when nothing was written, and how often something was after all.
    var restBegan = Instant.origin
    var laterSteps = 0
    /// What was last judged of the stored objects.
    var storedVerdictMemo: StoredVerdict?

    static let cluster = "cluster"
    static let epochStart = Timestamp(milliseconds: 1_790_000_000_000)
    /// After the calm began: an idle pool may shrink only after its cool-down of 5 minutes.
    static let convergenceBound = Duration.seconds(420)

    init(_ scenario: Scenario, tracing: Bool) {
        self.scenario = scenario
        chance = Chance(seed: scenario.seed &* 31 &+ 7 &+ scenario.mutation &* 0x1000_0000_0000)
        trace = Trace(keeps: tracing)
        var limits = StoreLimits()
        limits.historyEvents = scenario.history
        store = StoreCore(limits: limits)
        providers = scenario.regions.enumerated().map {
            SimulatedProvider(region: Scenario.region($0.offset), clusterID: World.cluster, naming: $0.element)
        }
        seedForeigners()
        agenda.add(.startController, at: .origin)
        for timed in scenario.deeds { agenda.add(.act(timed.deed), at: .origin + timed.at) }
        for fault in scenario.faults {
            agenda.add(.fault(fault), at: .origin + fault.at)
            agenda.add(.faultEnds(fault), at: .origin + fault.at + fault.lasts)
        }
        agenda.add(.judge, at: .origin + scenario.calm)
    }

    mutating func run(limit: Int = 3_000_000) {
        while !isOver, violation == nil, let (at, happening) = agenda.next() {
            now = max(now, at)
            trace.step(UInt64(bitPattern: now.nanoseconds), happening.ordinal, store.version)
            happen(happening)
            if trace.steps >= limit { fail(.convergence, "more than \(limit) steps: something runs in circles") }
        }
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .startController: startController()
        case .wakeController(let index): wakeController(index)
        case .toController(let index, let input): tell(index, input)
        case .watchDelivery(let index): deliverWatch(index)
        case .relist(let index): relist(index)
        case .thaw: break
        case .commitArrives(let index, let id, let batch): commitArrives(index, id, batch)
        case .readArrives(let index, let keys): readArrives(index, keys)
        case .callArrives(let index, let call): callArrives(index, call)
        case .boot(let region, let uid): boot(region, uid)
        case .notice(let region): notice(region)
        case .providerChange(let region): providerChanged(region)
        case .killResource(let region, let uid): killResource(region, uid)
        case .wakeAgent(let index): wakeAgent(index)
        case .restart(let index): restart(index)
        case .cull(let fault): cull(fault)
        case .toAgent(let index, let input): tellAgent(index, input)
        case .requestArrives(let id): requestArrives(id)
        case .requestTimesOut(let id): requestTimesOut(id)
        case .answerArrives(let id, let answer): answerArrives(id, answer)
        case .spawn(let index, let assignment): spawn(index, assignment)
        case .attemptEnds(let index, let signal): attemptEnds(index, signal: signal)
        case .guardWakes(let index): guardWakes(index)
        case .fault(let fault): begin(fault)
        case .faultEnds(let fault): end(fault)
        case .act(let deed): act(deed)
        case .judge: judge()
        }
    }

    // MARK: Details

    mutating func fail(_ law: Violation.Law, _ message: String) {
        guard violation == nil else { return }
        violation = Violation(law: law, message: message, at: now)
        trace.say(now, "VIOLATION \(law.rawValue): \(message)")
    }

    mutating func add(_ happening: Happening, after delay: Duration) { agenda.add(happening, at: now + delay) }

    func wall(_ skew: Duration = .zero) -> Timestamp {
        scenario.begins + .milliseconds((now - .origin).milliseconds) + skew
    }

    func provider(_ region: String) -> Int? { providers.firstIndex { $0.region == region } }
}
