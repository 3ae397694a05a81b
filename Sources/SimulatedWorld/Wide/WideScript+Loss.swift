import Model
import Ports

extension Focus {
    /// How long things may go wrong in it, where that is longer than in others.
    func calm(_ seed: UInt64) -> Duration? {
        switch self {
        case .silence: return .seconds(55)
        case .losses:
            switch seed / Focus.every % 6 {
            case 2: return .seconds(115)
            case 3: return .seconds(90)
            default: return .seconds(40)
            }
        default: return nil
        }
    }

    static func silence(_ variant: UInt64) -> [Fault] {
        func fault(_ kind: Fault.Kind, at: Duration = .seconds(8), lasts: Int64) -> Fault {
            Fault(at: at, lasts: .seconds(lasts), kind: kind)
        }
        return switch variant % 6 {
        // Some of a region: two of them are given up at once, then one in ten seconds.
        case 0: (0..<4).map { fault(.partition(agent: $0), lasts: 42) }
        // All of it.
        case 1: [fault(.partition(agent: nil), lasts: 40)]
        // One, and copies of what it said before go on coming.
        case 2:
            [
                fault(.lossyNetwork(drop: 0, duplicate: 60, delay: .zero), at: .zero, lasts: 45),
                fault(.freezeAgent(0), lasts: 42),
            ]
        // Not for long enough.
        case 3: [fault(.freezeAgent(0), lasts: 4), fault(.freezeAgent(1), at: .seconds(16), lasts: 4)]
        // Their agents start again: what they ran is lost, and they are not.
        case 4: [fault(.restartAgent(0), lasts: 1), fault(.restartAgent(1), lasts: 1)]
        // With what is to run once at a time.
        default: [fault(.partition(agent: 0), lasts: 42), fault(.freezeAgent(1), lasts: 42)]
        }
    }

    static func losses(_ variant: UInt64) -> [Fault] {
        func fault(_ kind: Fault.Kind, at: Int64, lasts: Duration = .seconds(1)) -> Fault {
            Fault(at: .milliseconds(at), lasts: lasts, kind: kind)
        }
        switch variant % 6 {
        case 2:
            // A task that is moved again and again, for no fault of its own and now and then for one.
            let cuts = (0..<13).map { fault(.partition(agent: 0), at: 6000 + $0 * 8000, lasts: .milliseconds(2500)) }
            return (cuts + [fault(.killAttempt(0), at: 53_000), fault(.killAttempt(1), at: 53_100)])
                .sorted { $0.at < $1.at }
        case 3:
            // A leader that knows nothing yet when its provider tells of workers that have long been there.
            let kills = (0..<5).map { fault(.killAgent(Int($0)), at: 74_200 + $0 * 800) }
            let late = fault(.slowWatch(.seconds(3)), at: 72_000, lasts: .seconds(12))
            return ([late, fault(.crash(effect: 1, point: .before), at: 74_000)] + kills).sorted { $0.at < $1.at }
        case 4:
            return [
                fault(.crash(effect: 1, point: .before), at: 7000, lasts: .seconds(5)), fault(.killAgent(5), at: 7500),
            ]
        default:
            return [
                fault(.culling(every: .milliseconds(1000 + Int64(variant % 3) * 200)), at: 8000, lasts: .seconds(18))
            ]
        }
    }
}

// Small worlds in which workers are silent or lost.
extension WideScript {
    mutating func silence() {
        let workers = [5, 2, 2, 3, 2, 3][Int(variant % 6)]
        focusPool("pool-0", least: workers, most: workers, slots: 1) { pool in
            (pool.lease.renew, pool.lease.lostAfter) = (.seconds(1), .seconds(6))
        }
        // Where an agent starts again a worker is left over.
        var tasks = (0..<(variant % 6 == 4 ? 1 : workers)).map { task("t\($0)", cpu: nil, priority: 0) }
        for index in tasks.indices {
            tasks[index].run.command[1] = "\(chance.within(6000...9000))"
            tasks[index].exclusive = variant % 6 == 5
        }
        focusPlan("silence", tasks, in: "pool-0", at: 4000...5000) { $0.faultTolerance.killGrace = .seconds(8) }
    }

    mutating func losses() {
        let isMoved = variant % 6 == 2
        focusPool("pool-0", least: isMoved ? 1 : 5, most: isMoved ? 3 : 6, slots: 1) { pool in
            if isMoved { (pool.lease.renew, pool.lease.lostAfter) = (.milliseconds(500), .milliseconds(1500)) }
        }
        var tasks = (0..<(isMoved ? 1 : 8)).map { task("t\($0)", cpu: nil, priority: 0) }
        for index in tasks.indices {
            tasks[index].run.command[1] = isMoved ? "300000" : "\(chance.within(12_000...20_000))"
        }
        focusPlan("losses", tasks, in: "pool-0", at: 1000...2000) { plan in
            plan.faultTolerance.retry.limit = 9
            plan.faultTolerance.retry.backoff.initial = .zero
        }
    }
}
