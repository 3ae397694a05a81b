import Ports

extension ProviderConformance {
    static let releasing: [ProviderConformance] = [
        ProviderConformance("release ends the worker, and again is no error") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "released")
            try await provider.create(request)
            try await world.awaitAlive("released", 1, "a created worker lives")
            try await world.releaseUntilGone(provider, world.ref(request))
            try await provider.release(world.ref(request))
            try await until("the inventory forgets what is gone", within: world.patience) {
                try await provider.inventory(clusterID: world.clusterID).isEmpty
            }
        },
        ProviderConformance("the unknown is absent, and its release is no error") { world in
            let provider = try await world.makeProvider()
            let ref = world.ref(world.request(uid: "unknown"))
            try require(try await provider.observe(ref).state, is: .absent, "what was never made is absent")
            try await provider.release(ref)
            try await provider.release(ref)
            try require(try await provider.observe(ref).state.isGone, "what was never made is gone")
        },
        ProviderConformance("a create that comes after the release leaves nothing alive that is not found") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "late")
            try await provider.create(request)
            try await world.awaitAlive("late", 1, "a created worker lives")
            try await world.releaseUntilGone(provider, world.ref(request))
            try await lateCreate(world, request)
        },
        ProviderConformance("a create that comes after a release that found nothing, likewise") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "overtaken")
            try await provider.release(world.ref(request))
            try await lateCreate(world, request)
        },
        ProviderConformance("a release that was cancelled can be asked for again") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "hesitant")
            let ref = world.ref(request)
            try await provider.create(request)
            try await world.awaitAlive("hesitant", 1, "a created worker lives")
            for _ in 0..<5 {
                let call = Task { try await provider.release(ref) }
                call.cancel()
                _ = await call.result
            }
            try await world.releaseUntilGone(provider, ref)
        },
    ]

    /// By another controller, which knows nothing of the release but what the world keeps.
    private static func lateCreate(_ world: any ProviderWorld, _ request: WorkerRequest) async throws {
        let uid = request.workerUID
        let provider = try await world.makeProvider()
        try await create(request, provider, orHear: [.conflict])
        if world.keepsTombstones {
            return try await hold("a late create makes nothing", for: world.settling) {
                try await world.alive(uid: uid) == 0
            }
        }
        try await until("what a late create made is found", within: world.patience) {
            if try await world.alive(uid: uid) == 0 { return true }
            return try await provider.inventory(clusterID: world.clusterID).contains { $0.workerUID == uid }
        }
        try await world.releaseUntilGone(provider, world.ref(request))
    }
}
