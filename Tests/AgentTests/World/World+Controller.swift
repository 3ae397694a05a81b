import Agent
import Gateway
import Model
import WorkerProtocol

// The controller's side: rounds, commits, crashes; and the faults.
extension World {
    mutating func happen(_ event: Event) {
        let generation = controller.generation
        switch event {
        case .arrives(let request): arrive(request)
        case .input(let uid, let process, let input): tellProcess(uid, process, input)
        case .runnerStarts(let uid, let process, let id): runnerStarts(uid, process, id)
        case .runnerEnds(let uid, let process, let id, let code, let signal): runnerEnds(uid, process, id, code, signal)
        case .commit(generation, let uid, let report):
            controller.accept(report, from: uid, now: now.instant)
            if dice.chance(50) { sync(uid) }
            obey(controller.gateway.committed(uid, [report.sequence], now: now.instant))
            sync(uid)
        case .store(generation, let uid, let hash): controller.workers[uid]?.credential = hash
        case .sync(generation, let uid): sync(uid)
        case .giveUp(generation, let uid):
            controller.giveUp(uid, now: now.instant)
            schedule(.forget(generation: generation, uid), in: dice.milliseconds(0...300))
            addWorker()
        case .forget(generation, let uid): obey(controller.gateway.forget(uid))
        case .commit, .store, .sync, .giveUp, .forget: break
        case .lead: lead()
        case .restart(let uid): restart(uid)
        case .rounds: rounds()
        case .mischief: mischief()
        }
    }

    mutating func obey(_ effects: [GatewayEffect]) {
        let generation = controller.generation
        for effect in effects {
            switch effect {
            case .reply(let call, let answer): reply(call, answer)
            case .reports(let uid, let reports):
                for report in reports {
                    witness.handedOut(report, generation)
                    let isSlow = faults && dice.chance(10)
                    schedule(
                        .commit(generation: generation, uid, report),
                        in: dice.milliseconds(isSlow ? 300...3000 : 0...300))
                }
            case .credentialIssued(let uid, let hash):
                schedule(.store(generation: generation, uid, hash), in: dice.milliseconds(0...100))
            case .draining(let uid): controller.workers[uid]?.draining = true
            case .containerEngine: break
            case .claims(let worker, let epoch): witness.fault("\(worker) follows \(epoch), and there is one leader")
            case .lied(let worker, let why): witness.fault("\(worker) lied: \(why)")
            // Late words about attempts from before a restart: what the store makes of them is not modelled here.
            case .foreign: break
            }
        }
    }

    private mutating func sync(_ uid: String) {
        guard controller.workers[uid]?.given == false else { return }
        obey(controller.gateway.setAssignments(uid, controller.assignments(of: uid), now: now.instant))
    }

    private mutating func rounds() {
        schedule(.rounds, in: .milliseconds(200))
        guard controller.generation % 2 == 0 else { return }
        let leases = Dictionary(controller.gateway.leases.map { ($0.workerUID, $0.lastRenewal.instant) }) { $1 }
        for uid in controller.gateway.knownWorkers where !controller.evicting.contains(uid) {
            // Lost, or never come: as the controllers' rules have it, a worker that does not join is replaced.
            let isLost = leases[uid].map { now.instant - $0 > .seconds(12) }
            let neverCame = now.instant - (controller.workers[uid]?.madeAt ?? now.instant) > .minutes(1)
            guard isLost ?? neverCame else { continue }
            controller.evicting.insert(uid)
            schedule(.giveUp(generation: controller.generation, uid), in: dice.milliseconds(0...200))
        }
        let joined = controller.gateway.leases.map(\.workerUID).filter { uid in
            !controller.evicting.contains(uid) && controller.workers[uid]?.draining == false
        }
        guard !joined.isEmpty else { return }
        for index in controller.tasks.indices {
            let task = controller.tasks[index]
            guard task.worker == nil, !task.isOver, task.notBefore <= now.instant else { continue }
            let uid = joined[dice.below(joined.count)]
            controller.tasks[index].worker = uid
            controller.tasks[index].message.attempt += 1
            controller.tasks[index].message.fence += 1
            schedule(.sync(generation: controller.generation, uid), in: dice.milliseconds(0...100))
        }
    }

    /// Odd generations are nobody's: the leader has crashed and the next does not yet lead.
    private mutating func crashController() {
        guard controller.generation % 2 == 0 else { return }
        controller.generation += 1
        controller.gateway = GatewayCore(epoch: controller.epoch)
        dropCalls()
        schedule(.lead, in: dice.milliseconds(100...9000))
    }

    private mutating func lead() {
        controller.generation += 1
        controller.epoch += 1
        controller.evicting = []
        controller.gateway = GatewayCore(epoch: controller.epoch)
        for uid in controller.workers.keys.sorted() {
            guard let record = controller.workers[uid], !record.given else { continue }
            if let credential = record.credential {
                controller.gateway.restore(
                    uid, ObjectKey(.worker, "shop", uid), lease: LeaseSpec(), credential: credential, now: now)
            } else {
                expect(uid, record.token)
            }
            schedule(.sync(generation: controller.generation, uid), in: dice.milliseconds(0...1000))
        }
        controller.gateway.open()
    }

    private mutating func mischief() {
        guard faults else { return }
        schedule(.mischief, in: dice.milliseconds(100...3000))
        let alive = agents.keys.sorted().filter { agents[$0]?.isAlive == true }
        let victim = alive.isEmpty ? nil : alive[dice.below(alive.count)]
        switch dice.below(12) {
        case 0: crashController()
        case 1: if let victim { crash(victim) }
        case 2, 3: if let victim { agents[victim]?.cutUntil = now.instant + dice.milliseconds(1000...40000) }
        case 4: for uid in alive { agents[uid]?.cutUntil = now.instant + dice.milliseconds(1000...20000) }
        case 5: if let victim, dice.chance(30) { tell(victim, .shutDown) }
        case 6, 7:
            let index = dice.below(controller.tasks.count)
            guard let uid = controller.tasks[index].worker, !controller.tasks[index].isOver else { return }
            controller.tasks[index].message.stop = .cancelled
            schedule(.sync(generation: controller.generation, uid), in: dice.milliseconds(0...100))
        default: break
        }
    }
}
