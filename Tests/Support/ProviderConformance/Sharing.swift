import Ports

/// What others have their hands in: administrators, other leaders, whoever sweeps.
extension ProviderConformance {
    static let sharing: [ProviderConformance] = [
        ProviderConformance("what was renamed is the same worker: it is found, made once, and ended") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "renamed")
            let ref = world.ref(request)
            try await provider.create(request)
            try await world.awaitAlive("renamed", 1, "a created worker lives")
            guard try await world.rename(uid: "renamed") else { return }
            try require(try await provider.observe(ref).state, is: .running, "it is seen under its new name")
            let listed = try await provider.inventory(clusterID: world.clusterID).map(\.workerUID)
            try require(listed, is: ["renamed"], "it is listed under its new name")
            try await create(request, provider, orHear: [.conflict])
            try await hold("a create makes no second", for: world.settling) {
                try await world.alive(uid: "renamed") == 1
            }
            try await world.releaseUntilGone(provider, ref)
        },
        ProviderConformance("a copy with a worker's marks goes with it") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "copied")
            try await provider.create(request)
            try await world.awaitAlive("copied", 1, "a created worker lives")
            guard try await world.copy(uid: "copied") else { return }
            try await world.awaitAlive("copied", 2, "the copy lives")
            try await world.releaseUntilGone(provider, world.ref(request))
            try await until("nothing is listed", within: world.patience) {
                try await ask(provider, toRelease: world.ref(request))
                return try await provider.inventory(clusterID: world.clusterID).isEmpty
            }
        },
        ProviderConformance("what has a worker's name and is somebody else's is left as it is, and is no worker") {
            world in
            let request = world.request(uid: "occupied")
            guard let isIntact = try await world.occupy(request) else { return }
            let provider = try await world.makeProvider()
            var isRefused = false
            do throws(ProviderError) { try await provider.create(request) } catch {
                try require(error.code, is: .conflict, "a create beside it says that the name is taken")
                isRefused = true
            }
            try require(isRefused, "a create beside it is refused")
            try require(try await provider.observe(world.ref(request)).state, is: .absent, "it is not seen as a worker")
            try require(try await provider.inventory(clusterID: world.clusterID).isEmpty, "it is not listed")
            try await provider.release(world.ref(request))
            try require(try await isIntact(), "it is as it was")
        },
        ProviderConformance("a sweep that knows nothing but the cluster's id finds everything, and leaves nothing") {
            world in
            let uids = ["left-a", "left-b", "left-c"]
            do {
                let first = try await world.makeProvider()
                for uid in uids { try await first.create(world.request(uid: uid)) }
                for uid in uids { try await world.awaitAlive(uid, 1, "a created worker lives") }
                try await world.kill(uid: "left-b")
                try await world.awaitAlive("left-b", 0, "a killed worker is dead")
            }
            let sweeper = try await world.makeProvider()
            try await until("everything that the list shows is gone", within: world.patience) {
                let found = try await sweeper.inventory(clusterID: world.clusterID)
                for seen in found {
                    let ref = WorkerRef(
                        workerUID: seen.workerUID, region: "", pool: "", slot: seen.slot, attempt: seen.attempt,
                        providerID: seen.providerID)
                    try await ask(sweeper, toRelease: ref)
                }
                return found.isEmpty
            }
            for uid in uids { try require(try await world.alive(uid: uid), is: 0, "\(uid) lives no more") }
            try await until("nothing that was made for them is left", within: world.patience) {
                _ = try await sweeper.inventory(clusterID: world.clusterID)
                return try await world.supplies() ?? 0 == 0
            }
        },
        ProviderConformance("what workers need is kept while more may come, and goes with the last") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "first")
            try await provider.create(request)
            try await world.awaitAlive("first", 1, "a created worker lives")
            guard let made = try await world.supplies() else { return }
            try require(made > 0, "a worker has what it needs")
            var ref = world.ref(request)
            ref.keepsSupplies = true
            try await world.releaseUntilGone(provider, ref)
            try await ask(provider, toRelease: ref)
            _ = try await provider.inventory(clusterID: world.clusterID, keepsSupplies: true)
            try require(try await world.supplies() ?? 0 > 0, "it is kept for the next")
            try await until("it goes with a list that expects no more", within: world.patience) {
                _ = try await provider.inventory(clusterID: world.clusterID, keepsSupplies: false)
                return try await world.supplies() == 0
            }
        },
        ProviderConformance(
            "of two leaders of one cluster, the one that was copied touches nothing of the one that lives"
        ) {
            world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "guarded")
            let ref = world.ref(request)
            try await provider.create(request)
            try await world.awaitAlive("guarded", 1, "a created worker lives")
            let copy = try await world.makeCopy()
            for _ in 0..<3 {
                // It may refuse, or find nothing to do.
                do throws(ProviderError) { try await copy.release(ref) } catch {
                    try require(error.code, is: .conflict, "it says that another leads")
                }
                try await create(request, copy, orHear: [.conflict])
            }
            try await hold("the worker goes on", for: world.settling) {
                try await world.alive(uid: "guarded") == 1
            }
            try require(try await provider.observe(ref).state, is: .running, "its own leader sees it run")
            try await world.releaseUntilGone(provider, ref)
        },
    ]
}
