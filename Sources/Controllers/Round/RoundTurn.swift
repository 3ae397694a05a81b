import Engine
import Model
import Placement

/// One decision of the placement round: what it looks at, and what comes of that.
struct RoundTurn {
    private let gather: RoundGather
    private(set) var input = RoundInput()
    private var looked: [Look] = []
    /// How far into a group it ever looks.
    private let furthest: Int
    private var result = RoundReconciler.Result()
    /// Tasks behind those looked at that may still be told in this turn.
    private var wordsLeft = RoundTurn.words

    /// Tasks that are given places on workers to come in one decision.
    private static let berths = 20_000
    /// A group all of whose tasks found a place is looked further into by so many times as much.
    private static let widening = 4

    /// A group, up to which of its members it was looked at, and the last of these in `input`.
    private struct Look {
        let group: Int
        var end = 0
        var taken = 0
        var last = 0
    }

    /// Bindings a commit: the rest is bound in the next one, which follows at once.
    private static let bindings = 1000
    private static let words = 256
    private static let betweenWords = Duration.milliseconds(100)
    /// Of each group so many are told the same reason again where only its numbers changed: a worker that comes or goes
    /// is no news for a thousand tasks that fit nowhere.
    private static let counted = 16
    /// How often a task is told the same reason in other words.
    private static let betweenRewordings = Duration.seconds(5)
    /// Tasks that turn out not to be ready and are passed over in one group.
    private static let passedOver = 256
    /// A round comes this much later for each task that the one before looked at: a tenth of a core at the most goes
    /// into looking at what can't be bound.
    private static let pausePerTask = Duration.microseconds(50)

    private var cache: Cache { gather.cache }
    private var now: Moment { gather.now }

    init(_ state: RoundState, _ gather: RoundGather) {
        self.gather = gather
        let slots = min(state.freeSlots, Self.bindings) + min(state.slotsToCome, Self.berths)
        let groups = state.active.numbers
        // Where kinds are few, some more are looked at for their own words.
        let least = groups.count <= 64 ? 16 : 1
        furthest = max(slots + 1, least)
        // Twice what each would get in equal parts: one that gets more is looked further into.
        let first = min(furthest, max(least, 2 * slots / max(1, groups.count) + 1))
        looked = groups.map { Look(group: $0) }
        for index in looked.indices { look(at: index, most: first, of: state) }
        guard !input.tasks.isEmpty else { return }
        input.plans = gather.plans(of: input.tasks)
        input.regions = state.regions
        input.workers = state.workerKeys.compactMap { state.workers[$0] }
        input.pools = state.pools
        input.cursor = gather.snapshot.live.cursor
        input.turn = gather.snapshot.live.turn
        input.now = now.wall
    }

    /// Whether there is more to look at, behind tasks that all found a place: what it decided may be another's then.
    mutating func looksFurther(after decided: RoundResult, _ state: RoundState) -> Bool {
        let short = looked.indices.filter { index in
            (1..<furthest).contains(looked[index].taken) && input.tasks[looked[index].last].more > 0
        }
        guard !short.isEmpty else { return false }
        var placed = Set(decided.bindings.map(\.task))
        for pending in decided.pending where pending.reservation != nil { placed.insert(pending.task) }
        let before = input.tasks.count
        for index in short where placed.contains(input.tasks[looked[index].last].key) {
            look(at: index, most: min(furthest, looked[index].taken * Self.widening), of: state)
        }
        return input.tasks.count > before
    }

    private mutating func look(at index: Int, most: Int, of state: RoundState) {
        var look = looked[index]
        guard let members = state.groups[look.group]?.members else { return }
        let (start, before) = (look.end, look.taken)
        while look.taken < most, look.end < members.count, look.end - start < most + Self.passedOver {
            defer { look.end += 1 }
            guard gather.isReady(members[look.end].task.key) else { continue }
            input.tasks.append(members[look.end].task)
            look.taken += 1
        }
        guard look.taken > before else { return }
        if before > 0 { input.tasks[look.last].more = 0 }
        look.last = input.tasks.count - 1
        input.tasks[look.last].more = members.count - look.end
        looked[index] = look
    }

    // MARK: What comes of it

    mutating func outcome(of decided: RoundResult, _ state: inout RoundState) -> RoundReconciler.Result {
        result.cursor = decided.cursor
        let standing = gather.snapshot.live.served.filter { key, _ in
            cache.plans[key].map { !$0.object.status.phase.isTerminal } ?? false
        }
        result.turns = (standing.merging(decided.served) { $1 }, decided.turn)
        result.pause = Self.pausePerTask * input.tasks.count
        demand(decided)
        for binding in decided.bindings.inTurns(Self.bindings) { bind(binding) }
        if decided.bindings.count > Self.bindings { again(after: .milliseconds(1)) }
        let waiting = Dictionary(uniqueKeysWithValues: decided.pending.map { ($0.task, $0) })
        for look in looked { tell(look.group, upTo: look.end, waiting, &state) }
        return result
    }

    private mutating func demand(_ decided: RoundResult) {
        for need in decided.needs {
            let present = cache.workers(of: need.pool).count {
                $0.status.state.takesTasks && !$0.metadata.isDeleting
            }
            result.demand[need.pool] = Demand(
                tasks: need.tasks, workers: need.workers, present: present, types: need.types,
                advisedTasks: need.advised.tasks, advisedWorkers: need.advised.workers)
        }
    }

    private mutating func bind(_ binding: Binding) {
        guard let task = cache.tasks[binding.task]?.object else { return }
        result.statuses.append((binding.task, task.bound(to: binding, now: now)))
        let place = "\(binding.worker.name) in \(binding.region)"
        let event =
            task.status.attempt == 0
            ? EventRecord(.normal, .assigned, "Bound to \(place)")
            : EventRecord(.normal, .rescheduled, "Attempt \(task.status.attempt + 1) bound to \(place)")
        result.events.append((binding.task, event))
    }

    /// Tells those of a group that stay why, the ones looked at in its own words, all behind in those of the last.
    private mutating func tell(
        _ number: Int, upTo end: Int, _ waiting: [ObjectKey: Pending], _ state: inout RoundState
    ) {
        guard var group = state.groups[number] else { return }
        var last: Pending?
        var (isReworded, isHeldBack) = (false, false)
        let mayReword = now.instant - group.retoldAt >= Self.betweenRewordings
        for (place, member) in group.members.prefix(end).enumerated() {
            guard let pending = waiting[member.task.key] else { continue }
            last = pending
            switch say(pending, to: member, isCounted: place < Self.counted, mayReword: mayReword) {
            case .reworded: isReworded = true
            case .heldBack: isHeldBack = true
            case .stands, .told: break
            }
        }
        guard let last else { return }
        if isReworded { group.retoldAt = now.instant }
        tellThose(end, of: &group, as: last)
        state.groups[number] = group
        if last.isHopeless, !isHeldBack, group.told == last.reason.rawValue { state.park(number) }
    }

    private enum Said {
        case stands, told
        /// The same reason as before, in other words.
        case reworded
        /// So it would be, and was lately.
        case heldBack
    }

    private mutating func say(
        _ pending: Pending, to member: RoundState.Candidate, isCounted: Bool, mayReword: Bool
    ) -> Said {
        guard let task = cache.tasks[member.task.key]?.object else { return .stands }
        let status = task.waiting(as: pending, now: now)
        guard status != task.status else { return .stands }
        let isSame =
            task.status.reason == pending.reason.rawValue && task.status.reservation == pending.reservation
        if isSame, !isCounted, pending.differsInNumbers(from: task.status.message) { return .stands }
        if isSame, !mayReword {
            again(after: Self.betweenRewordings)
            return .heldBack
        }
        result.statuses.append((pending.task, status))
        return isSame ? .reworded : .told
    }

    private mutating func tellThose(_ first: Int, of group: inout RoundState.Group, as last: Pending) {
        let word = last.reason.rawValue
        guard group.told != word else { return }
        for member in group.members.dropFirst(first) where member.reason != word {
            guard wordsLeft > 0 else { return again(after: Self.betweenWords) }
            guard gather.isReady(member.task.key), let task = cache.tasks[member.task.key]?.object else { continue }
            wordsLeft -= 1
            var status = task.waiting(as: last, now: now)
            // A place is one task's own.
            status.reservation = nil
            result.statuses.append((member.task.key, status))
        }
        // What is written comes back as a change, and is looked at then.
        group.told = group.members.allSatisfy { $0.reason == word } ? word : nil
    }

    private mutating func again(after delay: Duration) {
        if case .after(let standing) = result.next, standing <= delay { return }
        result.next = .after(delay)
    }
}

extension Pending {
    /// Whether nothing but numbers in it is other than in what was said before.
    fileprivate func differsInNumbers(from said: String?) -> Bool {
        func words(_ text: String) -> [UInt8] {
            text.utf8.filter { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        return said.map { words($0) == words(message) } ?? false
    }
}

extension WorkTask {
    fileprivate func waiting(as pending: Pending, now: Moment) -> TaskStatus {
        var status = status
        status.reason = pending.reason.rawValue
        status.message = pending.message
        status.placement = pending.record
        status.reservation = pending.reservation
        status.conditions.set(
            Condition(.succeeded, .unknown, pending.reason, pending.message), generation: metadata.generation,
            at: now.wall)
        return status
    }

    /// The binding is the only place where a fence rises: with every attempt, by one.
    fileprivate func bound(to binding: Binding, now: Moment) -> TaskStatus {
        var status = status
        var assignment = Assignment()
        assignment.worker = binding.worker.name
        assignment.workerUID = binding.workerUID
        assignment.region = binding.region
        assignment.pool = binding.pool.name
        assignment.assignedAt = now.wall
        status.phase = TaskLife.after(status.phase, .isBound) ?? status.phase
        status.assignment = assignment
        status.attempt += 1
        status.fence += 1
        status.retryAt = nil
        status.reservation = nil
        status.startedAt = nil
        status.finishedAt = nil
        status.exitCode = nil
        status.reason = Reason.assigned.rawValue
        status.message = nil
        status.placement = binding.record
        status.conditions.set(
            Condition(.succeeded, .unknown, .assigned, "on \(binding.worker.name)"),
            generation: metadata.generation, at: now.wall)
        return status
    }
}
