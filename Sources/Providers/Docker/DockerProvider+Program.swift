import HTTP
import Model
import Ports
import Synchronization
import Tree

extension DockerProvider {
    /// The bundle's upload may take so long.
    private static let uploadTime = Duration.seconds(120)
    private static let fillPause = Duration.milliseconds(100)
    static let filler = "filler"

    /// One for each bundle: workers of an older release keep theirs.
    func volumeName(_ bundle: WorkerBundle) -> String {
        "reconcile-program-\(settings.clusterID)-\(bundle.checksum.prefix(16))"
    }

    /// Sees to it that the volume with the program is filled, once for all workers. A container may be started only
    /// when the last file is there. Who fills it holds a container of a fixed name, so that the engine lets one do it
    /// at a time; a holder that died is found by its age.
    func fillProgram(
        of id: String, _ bundle: WorkerBundle, _ container: ContainerRequest
    ) async throws(EngineFailure) {
        let mark = "\(ContainerRequest.programDirectory)/\(WorkerBundle.mark)"
        let end = ContinuousClock.now + Self.uploadTime
        while true {
            do throws(EngineFailure) {
                _ = try await engine.send(.file(id, mark))
                return
            } catch  where error.status == 404 {}
            guard ContinuousClock.now < end else {
                throw EngineFailure(
                    ProviderError(.unavailable, "the worker bundle was not on the engine within \(Self.uploadTime)"))
            }
            let name = "reconcile-fill-\(settings.clusterID)-\(bundle.checksum.prefix(16))"
            // Another create of ours is at it: that costs the engine nothing while it is waited for.
            guard state.withLock({ $0.filling.insert(name).inserted }) else {
                try await pause(until: end) { [self] in !state.withLock { $0.filling.contains(name) } }
                continue
            }
            defer { state.withLock { _ = $0.filling.remove(name) } }
            do throws(EngineFailure) {
                let call = EngineCall.create(name, fillerBody(container))
                guard let filler = try await engine.tree(call)["Id"]?.string else {
                    throw EngineFailure.unreadable(call, "it has no Id")
                }
                try await fill(by: filler, bundle)
            } catch  where error.status == 409 {
                // Another controller, or another region's provider.
                try await removeStale(name)
                try await pause(until: min(end, .now + Self.fillPause)) { false }
            }
        }
    }

    private func pause(
        until end: ContinuousClock.Instant, or isOver: @Sendable () -> Bool
    ) async throws(EngineFailure) {
        while !isOver(), ContinuousClock.now < end {
            do { try await Task.sleep(for: min(Self.fillPause, end - .now), clock: .continuous) } catch {
                throw EngineFailure(ProviderError(.unknownOutcome, "cancelled while the worker bundle was uploaded"))
            }
        }
    }

    private func fill(by filler: String, _ bundle: WorkerBundle) async throws(EngineFailure) {
        let archive: HTTPUpload
        do throws(ProviderError) { archive = try bundle.content().get() } catch { throw EngineFailure(error) }
        do throws(EngineFailure) {
            _ = try await engine.send(
                .upload(filler, to: ContainerRequest.programDirectory, [], timeout: Self.uploadTime), content: archive)
        } catch {
            // What was cut off is begun anew, by a new holder.
            // try?: the error that is thrown is the one that says why.
            try? await removeFiller(filler)
            throw error
        }
        try await removeFiller(filler)
    }

    private func removeFiller(_ filler: String) async throws(EngineFailure) {
        do throws(EngineFailure) { try await remove(filler) } catch {
            state.withLock { state in
                state.givenUp.insert(filler)
                state.hasLeftovers = true
            }
            throw error
        }
    }

    func removeStale(_ name: String) async throws(EngineFailure) {
        guard let holder = try await inspect(name), holder.role == Self.filler, try await isStale(holder) else {
            return
        }
        try await remove(holder.id)
    }

    /// One process owns a state: whoever held it under an earlier epoch is dead. Else by age, on the engine's own
    /// clock.
    func isStale(_ holder: ContainerState) async throws(EngineFailure) -> Bool {
        if let epoch = holder.epoch, epoch < settings.epoch { return true }
        if state.withLock({ $0.givenUp.contains(holder.id) }) { return true }
        guard let made = holder.createdAt, let now = EngineFacts(try await engine.tree(.info)).time else {
            return false
        }
        return now - made > settings.fillPatience
    }

    func remove(_ id: String) async throws(EngineFailure) {
        do throws(EngineFailure) { _ = try await engine.send(.remove(id)) } catch
        // 409: its removal is under way.
            where error.status == 404 || error.status == 409
        {}
    }

    /// Never started: it is a door to the volume.
    private func fillerBody(_ container: ContainerRequest) -> Tree {
        let labels: Tree = [WorkerLabels.cluster: .string(settings.clusterID)]
        return [
            "Image": .string(container.image), "Entrypoint": ["-"], "Cmd": [],
            "Labels": [
                WorkerLabels.cluster: .string(settings.clusterID), WorkerLabels.role: .string(Self.filler),
                WorkerLabels.epoch: .string(String(settings.epoch)),
            ],
            "HostConfig": [
                "NetworkMode": "none", "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"],
                "Mounts": [
                    [
                        "Type": "volume", "Source": .string(container.programVolume),
                        "Target": .string(ContainerRequest.programDirectory),
                        "VolumeOptions": ["Labels": labels, "NoCopy": true],
                    ]
                ],
            ],
        ]
    }

    /// Removes the volumes of this cluster that no container has: the engine itself refuses where one does. False where
    /// it did.
    @discardableResult
    func tidyVolumes() async throws(EngineFailure) -> Bool {
        let answer = try await engine.tree(.volumes(cluster: settings.clusterID))
        var isTidy = true
        for volume in answer["Volumes"]?.array ?? [] {
            guard let name = volume["Name"]?.string,
                volume["Labels"]?[WorkerLabels.cluster]?.string == settings.clusterID
            else { continue }
            do throws(EngineFailure) { _ = try await engine.send(.removeVolume(name)) } catch  where error.status == 409
            {
                isTidy = false
            } catch  where error.status == 404 {}
        }
        return isTidy
    }
}
