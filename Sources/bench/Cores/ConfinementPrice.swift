import Glibc
import Kernel

/// What it takes of a thread to confine itself, as each task's does: the rules of a controller of this user on this
/// machine, with a state directory to hide.
enum ConfinementPrice {
    private static let rounds = 200

    static func measure(_ workshop: Workshop) throws -> [Row] {
        guard Confinement.isPossible else { throw Unmeasurable("this kernel has no Landlock (Linux 5.13)") }
        let state = workshop.directory + "/confined-state"
        let own = state + "/own"
        try Files.makeDirectories(own)
        let confinement = Confinement(
            readable: Array(Set(SystemPlaces.find().map(Confinement.real))).sorted(), writable: SystemPlaces.shared,
            hidden: [Confinement.real(state)], own: [Confinement.real(own)])
        let times = try confine(confinement)
        let rules = confinement.readable.count + confinement.writable.count
        return [
            Row(
                name: "confine a task", value: times[rounds / 2], unit: .milliseconds, gate: 1, wish: .less,
                beside:
                    "p90 \(short(times[rounds * 9 / 10])) ms, \(rules) places; an empty thread \(short(try empty())) ms"
            )
        ]
    }

    private static func confine(_ confinement: Confinement) throws -> [Double] {
        try (0..<rounds).map { _ in
            try time {
                do throws(SystemError) {
                    try confinement.apply()
                    return nil
                } catch { return "\(error)" }
            }
        }.sorted()
    }

    private static func empty() throws -> Double { try time { nil } }

    /// Of the processor, in a thread of its own.
    private static func time(_ body: @escaping @Sendable () -> String?) throws -> Double {
        let result = PosixThread.run { () -> (Double, String?) in
            let before = spent
            let failure = body()
            return (spent - before, failure)
        }
        guard let (time, failure) = result else { throw Unmeasurable("no thread could be had") }
        if let failure { throw Unmeasurable("a thread could not be confined: \(failure)") }
        return time
    }

    private static var spent: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
    }
}
