import Model
package import Ports

/// Something that goes wrong, from a time on, for a while. All of a run's faults are drawn before it begins, so that a
/// failing run can be tried again with fewer.
package struct Fault: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The leader ends at its n-th effect from then on: before it is sent, after it was sent, or when its reply has
        /// been handled.
        case crash(effect: Int, point: CrashPoint)
        /// A new leader starts while the old one goes on.
        case secondLeader
        case freezeController
        /// Commits are refused, or applied with the reply lost.
        case storeFails(applied: Bool)
        /// Commits arrive that much later: others write what they are about meanwhile.
        case slowStore(Duration)
        /// What the watch says comes that much later.
        case slowWatch(Duration)
        /// The watch breaks off; the shell lists and watches again.
        case brokenWatch
        /// Requests between that agent and the gateway are lost; nil: all of them.
        case partition(agent: Int?)
        case lossyNetwork(drop: Int, duplicate: Int, delay: Duration)
        case killAgent(Int)
        case freezeAgent(Int)
        case killAttempt(Int)
        case providerFails(region: Int, ProviderError.Code, share: Int)
        /// Calls are applied, their replies lost.
        case repliesLost(region: Int)
        /// Creates arrive that much later than their callers wait.
        case lateCreates(region: Int, Duration)
        case listLag(region: Int, Duration)
        /// What is created never comes up.
        case deadOnArrival(region: Int)
        /// An agent's process dies and starts again on its disk.
        case restartAgent(Int)
        /// A worker is told to end by somebody else than its controller.
        case stopWorker(Int)
        /// One agent after the other is killed.
        case culling(every: Duration)
        /// The watch is silent for as long as the fault lasts, then the shell lists again.
        case gap
        /// An agent claims to follow a leader that never was.
        case liar(Int)
    }

    package enum CrashPoint: Sendable, Hashable { case before, applied, replied }

    package let at: Duration
    package let lasts: Duration
    package let kind: Kind

    package var description: String { "\(at.text) for \(lasts.text): \(kind)" }
}

extension Fault {
    /// A random subset for one seed; all are over by `calm`.
    static func draw(_ chance: inout Chance, calm: Duration) -> [Fault] {
        let count = chance.pick([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8])
        let end = Int(calm.milliseconds)
        return (0..<count).map { _ in
            let at = chance.within(500...max(1000, end - 12_000))
            let kind = drawKind(&chance)
            let longest = min(kind.longest, end - at)
            return Fault(
                at: .milliseconds(Int64(at)), lasts: .milliseconds(Int64(chance.within(200...max(300, longest)))),
                kind: kind)
        }.sorted { $0.at < $1.at }
    }

    private static func drawKind(_ chance: inout Chance) -> Kind {
        switch chance.below(20) {
        case 0, 1, 2: .crash(effect: chance.within(1...40), point: chance.pick([.before, .applied, .replied]))
        case 3: .secondLeader
        case 4: .freezeController
        case 5, 6: .storeFails(applied: chance.percent(60))
        case 7: .slowWatch(chance.milliseconds(100...4000))
        case 8: .brokenWatch
        case 9, 10: .partition(agent: chance.percent(70) ? chance.below(8) : nil)
        case 11:
            .lossyNetwork(
                drop: chance.within(5...50), duplicate: chance.within(0...40), delay: chance.milliseconds(0...5000))
        case 12: .killAgent(chance.below(8))
        case 13: .freezeAgent(chance.below(8))
        case 14: .killAttempt(chance.below(8))
        case 15:
            .providerFails(
                region: chance.below(2), chance.pick([.throttled, .unavailable, .capacity]),
                share: chance.within(20...100))
        case 16: .repliesLost(region: chance.below(2))
        case 17: .lateCreates(region: chance.below(2), chance.milliseconds(1000...50_000))
        case 18: .listLag(region: chance.below(2), chance.milliseconds(500...8000))
        default: .deadOnArrival(region: chance.below(2))
        }
    }
}

extension Fault {
    /// A swarm: a random subset of the kinds with random weights, and of them some, most of them early, while plans
    /// run.
    static func drawSwarm(_ chance: inout Chance, calm: Duration, isSmall: Bool) -> [Fault] {
        let count = chance.pick(isSmall ? [0, 0, 1, 1, 2, 3] : [0, 1, 2, 2, 3, 4, 6, 9])
        guard count > 0 else { return [] }
        var weights = (0..<Self.swarmKinds).map { _ in chance.percent(40) ? chance.within(1...8) : 0 }
        if weights.allSatisfy({ $0 == 0 }) { weights[chance.below(weights.count)] = 1 }
        let sum = weights.reduce(0, +)
        let end = Int(calm.milliseconds)
        return (0..<count).map { _ in
            var roll = chance.below(sum)
            let which = weights.firstIndex { weight in
                roll -= weight
                return roll < 0
            }
            let kind = swarmKind(which ?? 0, &chance)
            let at = chance.within(800...max(1000, chance.percent(75) ? end / 2 : end - 2000))
            let longest = max(300, min(kind.longestInSwarm, end - at))
            let shortest = min(longest - 1, kind.isFreeze && chance.percent(60) ? 15_000 : 200)
            return Fault(
                at: .milliseconds(Int64(at)), lasts: .milliseconds(Int64(chance.within(shortest...longest))),
                kind: kind)
        }.sorted { $0.at < $1.at }
    }

    private static let swarmKinds = 21

    private static func swarmKind(_ which: Int, _ chance: inout Chance) -> Kind {
        switch which {
        case 0: .crash(effect: chance.within(1...40), point: chance.pick([.before, .applied, .replied]))
        case 1: .secondLeader
        case 2: .freezeController
        case 3: .storeFails(applied: chance.percent(60))
        case 4: .slowWatch(chance.milliseconds(100...4000))
        case 5: .brokenWatch
        case 6: .gap
        case 7: .partition(agent: chance.percent(70) ? chance.below(8) : nil)
        case 8:
            .lossyNetwork(
                drop: chance.within(5...50), duplicate: chance.within(0...40), delay: chance.milliseconds(0...5000))
        case 9: .killAgent(chance.below(8))
        case 10: .freezeAgent(chance.below(8))
        case 11: .killAttempt(chance.below(8))
        case 12: .restartAgent(chance.below(8))
        case 13: .stopWorker(chance.below(8))
        case 14: .culling(every: chance.milliseconds(1500...5000))
        case 15:
            .providerFails(
                region: chance.below(3), chance.pick([.throttled, .unavailable, .capacity, .quota, .unauthorised]),
                share: chance.within(20...100))
        case 16: .repliesLost(region: chance.below(3))
        case 17: .lateCreates(region: chance.below(3), chance.milliseconds(1000...50_000))
        case 18: .liar(chance.below(8))
        case 19: .slowStore(chance.milliseconds(100...2500))
        default:
            chance.percent(50)
                ? .listLag(region: chance.below(3), chance.milliseconds(500...8000))
                : .deadOnArrival(region: chance.below(3))
        }
    }
}

extension Fault.Kind {
    /// Without what it is about.
    var name: String { String("\(self)".prefix { $0 != "(" }) }

    fileprivate var isFreeze: Bool {
        switch self {
        case .freezeController, .freezeAgent, .gap: true
        default: false
        }
    }

    fileprivate var longestInSwarm: Int {
        switch self {
        case .storeFails, .secondLeader: 8000
        case .gap: 20_000
        default: 40_000
        }
    }

    /// In milliseconds.
    fileprivate var longest: Int {
        switch self {
        case .freezeController, .secondLeader, .storeFails: 8000
        case .slowWatch, .freezeAgent: 20_000
        default: 40_000
        }
    }
}
