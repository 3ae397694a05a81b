import Controllers
import Engine
import Model
import Ports
import Testing

/// The round that keeps what it knows against one that reads everything anew: without memory the same is decided.
@Suite struct RoundStateTests {
    /// A controller's cache and the round's memory, changed at random.
    private struct Lab {
        var cache = Cache()
        var version: UInt64 = 0
        var memory: (any RoundMemory)?
        var changes = RoundChanges(isEverything: true)
        var random: Randomness
        var now = start

        init(seed: UInt64) {
            random = Randomness(seed: seed)
            put(Region.sample())
            put(
                WorkerPool.sample {
                    $0.spec.minWorkers = 0
                    $0.spec.maxWorkers = 6
                })
            for slot in 0..<3 { put(worker(slot)) }
            for index in 0..<3 { put(plan(index)) }
        }

        mutating func put(_ object: any Resource) {
            version += 1
            let kind = type(of: object).kind
            let key = ObjectKey(kind, object.metadata.namespace ?? "", object.metadata.name)
            let before = cache.tasks[key]?.object
            cache.add(object, version: version)
            switch kind {
            case .task:
                changes.tasks.insert(key)
                for task in [before, cache.tasks[key]?.object] {
                    guard let name = task?.status.assignment?.worker else { continue }
                    changes.workers.insert(ObjectKey(.worker, "shop", name))
                }
            case .worker: changes.workers.insert(key)
            case .executionPlan: changes.plans.insert(key)
            default: changes.places = true
            }
        }

        private func worker(_ slot: Int) -> Worker {
            .sample("web-\(slot)-1") {
                $0.spec.slot = slot
                $0.spec.maxConcurrentTasks = 2
                $0.spec.resources.cpu = Quantity(4)
            }
        }

        private func plan(_ index: Int) -> ExecutionPlan {
            var plan = ExecutionPlan.sample((0..<20).map { PlanTask.sample("t\($0)") })
            plan.metadata.name = "plan-\(index)"
            plan.metadata.uid = "uid-plan-\(index)"
            plan.status.phase = .running
            plan.spec.scheduling.maxConcurrentTasks = index == 0 ? 2 : nil
            return plan
        }

        private func task(_ plan: Int, _ index: Int, cpu: Int64) -> WorkTask {
            .sample("t\(index)") {
                $0.metadata.name = "plan-\(plan)-t\(index)"
                $0.metadata.uid = "uid-plan-\(plan)-t\(index)"
                $0.spec.plan = "plan-\(plan)"
                $0.spec.requires.cpu = cpu == 0 ? nil : Quantity(cpu)
                $0.status.reason = Reason.waitingForRound.rawValue
            }
        }

        private mutating func pick(_ count: Int) -> Int { Int(random.below(UInt64(count))) }

        /// One thing that happens to a controller.
        mutating func disturb() {
            switch pick(9) {
            case 0, 1, 2: put(task(pick(3), pick(20), cpu: [0, 1, 3, 99][pick(4)]))
            case 3, 4:
                let bound = cache.tasks.values.map(\.object).filter { $0.status.phase.isBound }
                guard var task = bound.min(by: { $0.key < $1.key }) else { return }
                task.status.phase = pick(2) == 0 ? .succeeded : .pending
                if task.status.phase == .pending {
                    task.status.assignment = nil
                    task.status.reason = Reason.waitingForRound.rawValue
                }
                put(task)
            case 5:
                guard var worker = cache.workers[ObjectKey(.worker, "shop", "web-\(pick(3))-1")]?.object else { return }
                worker.status.state = [.online, .busy, .offline, .failed, .provisioning][pick(5)]
                put(worker)
            case 6:
                guard var pool = cache.pools[WorkerPool.sample().key]?.object else { return }
                pool.spec.suspend.toggle()
                put(pool)
            case 7:
                guard var plan = cache.plans[ObjectKey(.executionPlan, "shop", "plan-\(pick(3))")]?.object else {
                    return
                }
                plan.spec.suspend.toggle()
                put(plan)
            default:
                guard let held = cache.tasks.values.map(\.object).min(by: { $0.key < $1.key }) else { return }
                version += 1
                _ = cache.remove(held.key, version: version)
                changes.tasks.insert(held.key)
                if let name = held.status.assignment?.worker {
                    changes.workers.insert(ObjectKey(.worker, "shop", name))
                }
            }
        }

        struct Outcome: Equatable {
            var bound: [String]
            var demand: [ObjectKey: Demand]
            init(_ result: RoundReconciler.Result) {
                bound = result.statuses.filter { $0.status.phase == .assigned }.map {
                    // Whose turn it is among equal plans follows from what was served, which a round without memory
                    // forgets.
                    $0.status.assignment?.worker ?? ""
                }.sorted()
                demand = result.demand
            }
        }

        /// What the round decides with its memory, and what one without decides.
        mutating func round() -> (kept: Outcome, fresh: Outcome) {
            let snapshot = Snapshot(cache: cache, live: LiveState(), settings: .sample)
            var nothing: (any RoundMemory)?
            let fresh = PlacementRound.reconciler.run(snapshot, [], now, RoundChanges(isEverything: true), &nothing)
            let kept = PlacementRound.reconciler.run(snapshot, [], now, changes, &memory)
            changes = RoundChanges()
            for (key, status) in kept.statuses {
                guard var task = cache.tasks[key]?.object else { continue }
                task.status = status
                put(task)
            }
            now = now.advanced(by: .seconds(1))
            return (Outcome(kept), Outcome(fresh))
        }
    }

    @Test(arguments: UInt64(1)...6)
    func itDecidesAsOneThatReadsEverythingAnew(_ seed: UInt64) {
        var lab = Lab(seed: seed)
        var bound = 0
        for step in 0..<250 {
            for _ in 0..<Int(lab.random.below(4)) { lab.disturb() }
            let (kept, fresh) = lab.round()
            #expect(kept == fresh, "step \(step)")
            guard kept == fresh else { return }
            bound += kept.bound.count
        }
        #expect(bound > 20, "the walk is of some use")
    }

    /// Each kind is looked into as far as places are found for it, and a more urgent one finds them all.
    @Test func theUrgentKindGetsEverySlotHoweverManyKindsWait() {
        var lab = Lab(seed: 1)
        lab.put(
            Worker.sample("web-9-1") {
                $0.spec.slot = 9
                $0.spec.maxConcurrentTasks = 60
                $0.spec.resources.cpu = Quantity(1000)
            })
        for index in 0..<280 {
            let isUrgent = index % 7 < 2
            lab.put(
                WorkTask.sample("t\(index)") {
                    $0.metadata.name = "plan-1-t\(index)"
                    $0.metadata.uid = "uid-plan-1-t\(index)"
                    $0.spec.plan = "plan-1"
                    $0.spec.priority = isUrgent ? 10 : 0
                    $0.spec.requires.cpu = isUrgent ? nil : Quantity(Int64(index % 7))
                    $0.status.reason = Reason.waitingForRound.rawValue
                })
        }
        let snapshot = Snapshot(cache: lab.cache, live: LiveState(), settings: .sample)
        let result = PlacementRound.reconciler.run(snapshot, [], lab.now, lab.changes, &lab.memory)
        let bound = result.statuses.filter { $0.status.phase == .assigned }.map(\.key)
        #expect(bound.count == 66)
        #expect(bound.allSatisfy { lab.cache.tasks[$0]?.object.spec.priority == 10 })
    }

    @Test func whatFitsNowhereIsLookedAtOnceAndAgainWhenAPlaceChanges() {
        var lab = Lab(seed: 1)
        for index in 0..<20 {
            lab.put(
                WorkTask.sample("t\(index)") {
                    $0.metadata.name = "plan-1-t\(index)"
                    $0.spec.plan = "plan-1"
                    $0.spec.requires.cpu = Quantity(99)
                })
        }
        func looked() -> Duration {
            let snapshot = Snapshot(cache: lab.cache, live: LiveState(), settings: .sample)
            let result = PlacementRound.reconciler.run(snapshot, [], lab.now, lab.changes, &lab.memory)
            lab.changes = RoundChanges()
            for (key, status) in result.statuses {
                guard var task = lab.cache.tasks[key]?.object else { continue }
                task.status = status
                lab.put(task)
            }
            return result.pause
        }
        #expect(looked() > .zero)
        #expect(lab.cache.tasks.values.allSatisfy { $0.object.status.reason == "NoFeasibleWorker" }, "all are told")
        _ = looked()
        #expect(looked() == .zero, "then none is looked at")
        lab.put(
            Worker.sample("web-9-1") {
                $0.spec.slot = 9
                $0.spec.resources.cpu = Quantity(200)
            })
        #expect(looked() > .zero)
        #expect(lab.cache.tasks.values.contains { $0.object.status.phase == .assigned })
    }
}
