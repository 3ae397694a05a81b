import Ports

extension ProviderConformance {
    static let creating: [ProviderConformance] = [
        ProviderConformance("create is idempotent: three calls in a row make one worker") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "idempotent")
            for _ in 0..<3 { try await provider.create(request) }
            try await world.awaitAlive("idempotent", 1, "a created worker lives")
            try await provider.create(request)
            try await hold("a repeated create makes no second worker", for: world.settling) {
                try await world.alive(uid: "idempotent") == 1
            }
        },
        ProviderConformance("twenty creates at once from three controllers make one worker") { world in
            let providers = [
                try await world.makeProvider(), try await world.makeProvider(), try await world.makeProvider(),
            ]
            let request = world.request(uid: "contended")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    // What may be said to one who lost the race; the engine asks again.
                    group.addTask {
                        try await create(
                            request, providers[index % providers.count],
                            orHear: [.conflict, .unknownOutcome, .throttled])
                    }
                }
                try await group.waitForAll()
            }
            try await world.awaitAlive("contended", 1, "one of the creates made the worker")
            try await hold("no other create did", for: world.settling) { try await world.alive(uid: "contended") == 1 }
        },
        ProviderConformance("the identity is deterministic: every controller sees the same worker") { world in
            let first = try await world.makeProvider()
            let request = world.request(uid: "identity")
            let ref = world.ref(request)
            try await first.create(request)
            try await world.awaitAlive("identity", 1, "a created worker lives")
            let seen = try await first.observe(ref)
            try await first.create(request)
            let other = try await world.makeProvider().observe(ref)
            try require(seen.providerID != nil, "a living worker has a provider id")
            try require(other.providerID, is: seen.providerID, "a second controller sees the same resource")
            try require(other.workerUID, is: request.workerUID, "an observation has the uid")
            try require(other.slot, is: request.slot, "an observation has the slot")
            try require(other.attempt, is: request.attempt, "an observation has the attempt")
            try require(other.clusterID, is: world.clusterID, "an observation has the cluster")
        },
        ProviderConformance("a worker that died is not started again under its uid") { world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "mortal")
            try await provider.create(request)
            try await world.awaitAlive("mortal", 1, "a created worker lives")
            try await world.kill(uid: "mortal")
            let ref = world.ref(request)
            try await until("a death is seen", within: world.patience) {
                if case .exited = try await provider.observe(ref).state { true } else { false }
            }
            try await create(request, provider, orHear: [.conflict])
            try await hold("a create of a dead worker makes nothing", for: world.settling) {
                try await world.alive(uid: "mortal") == 0
            }
        },
        ProviderConformance("a create that was cancelled may have been applied, and asking again makes no second") {
            world in
            let provider = try await world.makeProvider()
            let request = world.request(uid: "cancelled")
            for _ in 0..<5 {
                let call = Task { try await provider.create(request) }
                call.cancel()
                _ = await call.result
            }
            try await provider.create(request)
            try await world.awaitAlive("cancelled", 1, "a create that was not cancelled makes the worker")
            try await hold("a cancelled create makes no second", for: world.settling) {
                try await world.alive(uid: "cancelled") == 1
            }
        },
    ]
}
