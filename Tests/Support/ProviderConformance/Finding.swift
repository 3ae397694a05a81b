import Ports
import Synchronization

extension ProviderConformance {
    static let finding: [ProviderConformance] = [
        ProviderConformance("after a crash of the controller the next one finds every worker and can end it") { world in
            let uids = ["found-a", "found-b", "found-c"]
            do {
                let first = try await world.makeProvider()
                for uid in uids { try await first.create(world.request(uid: uid)) }
                for uid in uids { try await world.awaitAlive(uid, 1, "a created worker lives") }
            }
            let second = try await world.makeProvider()
            try await until("the next controller finds them", within: world.patience) {
                let found = try await second.inventory(clusterID: world.clusterID).filter { !$0.state.isGone }
                return found.map(\.workerUID).sorted() == uids
            }
            for uid in uids { try await second.create(world.request(uid: uid)) }
            try await hold("and makes no second of any", for: world.settling) {
                for uid in uids where try await world.alive(uid: uid) != 1 { return false }
                return true
            }
            for uid in uids { try await world.releaseUntilGone(second, world.ref(world.request(uid: uid))) }
        },
        ProviderConformance("a death without anybody's asking is observed as an exit") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "dies")
            try await provider.create(request)
            try await world.awaitAlive("dies", 1, "a created worker lives")
            try await world.kill(uid: "dies")
            try await until("the inventory says exited", within: world.patience) {
                try await provider.inventory(clusterID: world.clusterID).contains { seen in
                    if case .exited = seen.state { seen.workerUID == "dies" } else { false }
                }
            }
        },
        ProviderConformance("what is not ours is neither listed nor touched") { world in
            let isIntact = try await world.plantForeign()
            let provider = try await world.makeProvider()
            let request = world.request(uid: "ours")
            try await provider.create(request)
            try await world.awaitAlive("ours", 1, "a created worker lives")
            let listed = try await provider.inventory(clusterID: world.clusterID).map(\.workerUID)
            try require(listed, is: ["ours"], "the inventory lists ours alone")
            try await world.releaseUntilGone(provider, world.ref(request))
            try require(try await isIntact(), "what is not ours is as it was")
        },
        ProviderConformance("a death is told to who follows, and following ends when it is cancelled") { world in
            let provider = try await world.makeProvider()
            let told = Mutex(0)
            let following = Task { await provider.follow { _ in told.withLock { $0 += 1 } } }
            try await provider.create(world.request(uid: "dies"))
            try await world.awaitAlive("dies", 1, "a created worker lives")
            let before = told.withLock { $0 }
            try await world.kill(uid: "dies")
            try await until("it is told", within: world.patience) { told.withLock { $0 } > before }
            let start = ContinuousClock.now
            following.cancel()
            await following.value
            // A busy machine may take its time; what must not happen is to wait for something else.
            try require(ContinuousClock.now - start < .seconds(20), "cancelling ends it")
        },
    ]
}
