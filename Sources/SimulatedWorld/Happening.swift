import Agent
import Coordinator
import Engine
import Model
import Ports
import WorkerProtocol

/// One thing that happens in a world, at a place. The parties are named by index: processes that ended keep theirs.
enum Happening: Sendable {
    // controllers
    case startController
    case wakeController(Int)
    case toController(Int, CoordinatorCore.Input)
    case watchDelivery(Int)
    case thaw
    // store
    case commitArrives(Int, UInt64, Batch)
    case readArrives(Int, [ObjectKey])
    case relist(Int)
    // providers
    case callArrives(Int, ProviderCall)
    case boot(region: String, uid: String)
    case notice(region: String)
    case providerChange(region: String)
    case killResource(region: String, uid: String)
    // agents
    case wakeAgent(Int)
    case restart(Int)
    case toAgent(Int, AgentInput)
    case requestArrives(UInt64)
    case requestTimesOut(UInt64)
    case answerArrives(UInt64, Answer)
    case spawn(Int, AssignmentMessage)
    // attempts
    case attemptEnds(Int, signal: Int?)
    case guardWakes(Int)
    // the script
    case fault(Fault)
    case faultEnds(Fault)
    case cull(Fault)
    case act(Deed)
    case judge

    /// A small number per kind, for the trace's hash.
    var ordinal: UInt64 {
        switch self {
        case .startController: 1
        case .wakeController: 2
        case .toController: 3
        case .watchDelivery: 4
        case .thaw: 5
        case .commitArrives: 6
        case .readArrives: 7
        case .relist: 8
        case .callArrives: 9
        case .boot: 10
        case .notice: 11
        case .providerChange: 12
        case .killResource: 13
        case .wakeAgent: 14
        case .toAgent: 15
        case .requestArrives: 16
        case .requestTimesOut: 17
        case .answerArrives: 18
        case .spawn: 19
        case .attemptEnds: 20
        case .guardWakes: 21
        case .fault: 22
        case .faultEnds: 23
        case .act: 24
        case .judge: 25
        case .restart: 26
        case .cull: 27
        }
    }
}

/// What a controller's shell carries out at a provider.
enum ProviderCall: Sendable {
    case create(WorkerCall, WorkerRequest, checked: Bool)
    case release(WorkerCall, WorkerRef)
    case observe(WorkerCall, WorkerRef)
    case inventory(region: String, since: Instant, keepsSupplies: Bool)
    case releaseOrphan(region: String, WorkerRef)

    var region: String {
        switch self {
        case .create(let call, _, _), .release(let call, _), .observe(let call, _): call.region
        case .inventory(let region, _, _), .releaseOrphan(let region, _): region
        }
    }
}

/// What came back to an agent.
enum Answer: Sendable {
    case joined(JoinReply)
    case exchanged(ExchangeReply)
    case renewed(RenewReply)
    case refused(Refusal)
    case unreachable
}
