import Ports
import Synchronization

/// What is told twice and differs: a list and an event, an end and its cause, a release and what still lives.
extension ProviderConformance {
    static let doubting: [ProviderConformance] = [
        ProviderConformance("a list that is behind a death does not bring the dead back") { world in
            let held = try await world.makeHeld()
            let provider = held.provider
            let told = Mutex<[Observation]>([])
            let following = Task {
                await provider.follow { news in
                    if case .observed(let seen) = news { told.withLock { $0.append(seen) } }
                }
            }
            let request = world.request(uid: "dies")
            try await provider.create(request)
            try await world.awaitAlive("dies", 1, "a created worker lives")
            try await held.hold(true)
            try await world.kill(uid: "dies")
            try await until("the death is told, or seen", within: world.patience) {
                if told.withLock({ $0.contains { $0.workerUID == "dies" && $0.state.isGone } }) { return true }
                return try await provider.observe(world.ref(request)).state.isGone
            }
            try await hold("no list calls it alive after that", for: world.settling) {
                try await provider.inventory(clusterID: world.clusterID).allSatisfy {
                    $0.workerUID != "dies" || $0.state.isGone
                }
            }
            try await held.hold(false)
            following.cancel()
            await following.value
        },
        ProviderConformance("a list that is behind a create or a release changes nothing about either") { world in
            let held = try await world.makeHeld()
            let provider = held.provider
            let request = world.request(uid: "new")
            let ref = world.ref(request)
            try await held.hold(true)
            try await provider.create(request)
            try await world.awaitAlive("new", 1, "a created worker lives")
            _ = try await provider.inventory(clusterID: world.clusterID)
            try require(try await !provider.observe(ref).state.isGone, "what the list does not show yet is there")
            try await provider.create(request)
            try await hold("and is made once", for: world.settling) { try await world.alive(uid: "new") == 1 }
            try await held.hold(false)
            try await held.hold(true)
            try await world.releaseUntilGone(provider, ref)
            _ = try await provider.inventory(clusterID: world.clusterID)
            try require(try await provider.observe(ref).state.isGone, "what the list still shows is gone")
            try await held.hold(false)
        },
        ProviderConformance("a death has its reason, and every later look says the same") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "killed")
            try await provider.create(request)
            try await world.awaitAlive("killed", 1, "a created worker lives")
            try await world.kill(uid: "killed")
            func isKilled(_ state: Observation.State) -> Bool {
                if case .exited(_, 9?) = state { true } else { false }
            }
            try await until("the death is seen as signal 9", within: world.patience) {
                isKilled(try await provider.observe(world.ref(request)).state)
            }
            let listed = try await provider.inventory(clusterID: world.clusterID).first { $0.workerUID == "killed" }
            try require(listed.map { isKilled($0.state) }, is: true, "the list repeats the reason")
            let other = try await world.makeProvider().observe(world.ref(request)).state
            try require(isKilled(other), "a second controller hears it too")
        },
        ProviderConformance("a stop from outside is an end that nobody here asked for, and starts nothing again") {
            world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "stopped")
            try await provider.create(request)
            try await world.awaitAlive("stopped", 1, "a created worker lives")
            try await world.stop(uid: "stopped")
            try await until("its end is seen", within: world.patience) {
                let state = try await provider.observe(world.ref(request)).state
                try require(state != .absent, "it is not taken for one that never was")
                if case .exited(let code, let signal) = state {
                    try require(code != nil || signal != nil, "it says how it ended")
                    return true
                }
                return false
            }
            try await create(request, provider, orHear: [.conflict])
            try await hold("a create of it makes nothing", for: world.settling) {
                try await world.alive(uid: "stopped") == 0
            }
        },
        ProviderConformance("released is gone only when it is gone: until then it is shown, and can be asked for again")
        {
            world in
            let provider = try await world.makeDeaf()
            let request = world.request(uid: "deaf")
            try await provider.create(request)
            try await world.awaitAlive("deaf", 1, "a created worker lives")
            try await until("a release that is asked for again and again comes to an end", within: world.patience) {
                try await ask(provider, toRelease: world.ref(request))
                let seen = try await provider.observe(world.ref(request)).state
                // In this order: what is alive after somebody said that it is gone.
                let alive = try await world.alive(uid: "deaf")
                try require(!seen.isGone || alive == 0, "\(seen) is not said of what is alive")
                if alive == 1 {
                    let listed = try await provider.inventory(clusterID: world.clusterID).map(\.workerUID)
                    let isStillAlive = try await world.alive(uid: "deaf") == 1
                    try require(!isStillAlive || listed == ["deaf"], "until it is gone the list has it")
                }
                return seen.isGone
            }
        },
    ]
}
