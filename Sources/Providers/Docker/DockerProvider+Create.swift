import Documents
import HTTP
import Model
import Ports
import Synchronization
import Tree

extension DockerProvider {
    /// Makes the container, fills it, starts it; each step is skipped where it is done already, so that a create which
    /// was interrupted anywhere is finished by the next.
    func make(_ request: WorkerRequest) async throws(EngineFailure) {
        let facts = try await facts()
        let bundle = try bundle(facts)
        let gateway = try await gateway()
        try await makeSureToLead()
        var container = ContainerRequest(
            request: request, image: request.spec.image ?? settings.image, network: settings.network,
            allowed: settings.volumes, engineSocket: engine.address.socket, programVolume: volumeName(bundle),
            processors: facts.processors)
        container.gateway = gateway
        container.reachesMetadata = settings.reachesMetadata
        guard let id = try await standing(container, facts) else { return }
        try await fillProgram(of: id, bundle, container)
        try await giveLaunch(to: id, request, gateway)
        do throws(EngineFailure) { _ = try await engine.send(.start(id)) } catch  where error.status == 404 {
            throw EngineFailure(
                ProviderError(.conflict, "\(container.name) was removed while it was made"), status: 404)
        }
    }

    /// The id of the container where it has still to be started; nil where it was started before, whatever became of
    /// it.
    private func standing(
        _ container: ContainerRequest, _ facts: EngineFacts
    ) async throws(EngineFailure) -> String? {
        let request = container.request
        if !isNew(request.workerUID), let found = try await find(request.workerUID, request.slot, request.attempt) {
            return try toStart(found, container)
        }
        try await ensureImage(container.image, facts)
        let body: Tree
        do throws(ProviderError) { body = try container.body() } catch { throw EngineFailure(error) }
        do throws(EngineFailure) {
            let call = EngineCall.create(container.name, body)
            guard let id = try await engine.tree(call)["Id"]?.string else {
                throw EngineFailure.unreadable(call, "it has no Id")
            }
            return id
        } catch  where error.status == 409 {
            // Another controller, or a call of ours whose answer was lost, was faster.
            guard let found = try await find(request.workerUID, request.slot, request.attempt) else { throw error }
            return try toStart(found, container)
        }
    }

    /// Whether nothing of that worker can be here, under whatever name: then it need not be looked for. It is known by
    /// now in any case.
    private func isNew(_ uid: String) -> Bool {
        state.withLock { state in
            let isNew = state.seen.map { !$0.contains(uid) } ?? false
            state.note(uid)
            return isNew
        }
    }

    private func toStart(_ found: ContainerState, _ container: ContainerRequest) throws(EngineFailure) -> String? {
        guard ours(found, container.request.workerUID) != nil else {
            throw EngineFailure(
                ProviderError(
                    .conflict,
                    "container \(container.name) is there and not of cluster \(settings.clusterID); it is left as it is: "
                        + "rename or remove it"), status: 409)
        }
        return found.standing == .created ? found.id : nil
    }

    // MARK: The engine

    func facts() async throws(EngineFailure) -> EngineFacts {
        if let known = state.withLock({ $0.facts }) { return known }
        let facts = EngineFacts(try await engine.tree(.info))
        guard facts.isLinux else {
            throw EngineFailure(
                ProviderError(
                    .unavailable, "the engine at \(engine.address.text) runs Windows containers; switch it to Linux"))
        }
        state.withLock { $0.facts = facts }
        return facts
    }

    private func bundle(_ facts: EngineFacts) throws(EngineFailure) -> WorkerBundle {
        let bundle: WorkerBundle
        do throws(ProviderError) { bundle = try surroundings.bundle() } catch { throw EngineFailure(error) }
        guard bundle.architecture == facts.architecture else {
            throw EngineFailure(
                ProviderError(
                    .unavailable,
                    "the engine's machine is \(facts.architecture) and the worker bundle is for \(bundle.architecture): "
                        + "run hack/bundle on such a machine"))
        }
        return bundle
    }

    /// The gateway's URL as containers reach it.
    func gateway() async throws(EngineFailure) -> String {
        if let known = state.withLock({ $0.gateway }) { return known }
        let address = try await gatewayAddress()
        let url: String
        do throws(ProviderError) { url = try await surroundings.reach(address) } catch { throw EngineFailure(error) }
        state.withLock { $0.gateway = url }
        return url
    }

    private func gatewayAddress() async throws(EngineFailure) -> String {
        if let given = settings.gatewayAddress { return given }
        let advice =
            "set spec.provider.docker.gatewayAddress to an address of this controller's machine that containers reach"
        guard engine.address.isHere else {
            throw EngineFailure(
                ProviderError(.unavailable, "the engine at \(engine.address.text) is on another machine: \(advice)"))
        }
        let network: Tree
        do throws(EngineFailure) { network = try await engine.tree(.network(settings.network)) } catch
            where error.status == 404
        {
            throw EngineFailure(
                ProviderError(
                    .invalid,
                    "the engine has no network \(settings.network) (\(error.error.message)): make it with docker network create "
                        + "\(settings.network), or name another in spec.provider.docker.network"), status: 404)
        }
        let configurations = network["IPAM"]?["Config"]?.array ?? []
        // The gateway listens on IPv4. An engine that has only just made its default network lists the subnet and not
        // yet the gateway: the bridge has the subnet's first address, as the engine's own rule is.
        let found =
            configurations.compactMap { $0["Gateway"]?.string }.first { $0.contains(".") && !$0.contains(":") }
            ?? configurations.compactMap { $0["Subnet"]?.string }.lazy.compactMap(IPv4Subnet.init).first?.firstAddress
        guard let found else {
            throw EngineFailure(
                ProviderError(.unavailable, "Docker's network \(settings.network) has no IPv4 gateway: \(advice)"))
        }
        return found
    }

    // MARK: The launch

    /// Tasks are their agent's user there: what the container doesn't keep from each other, Landlock does.
    static var confinement: TaskConfinement {
        var confinement = TaskConfinement()
        confinement.isContained = true
        confinement.hidden = [ContainerRequest.workDirectory]
        return confinement
    }

    /// Only into a container that was never started, as a file that its user alone may read and takes away (S14).
    private func giveLaunch(
        to id: String, _ request: WorkerRequest, _ gateway: String
    ) async throws(EngineFailure) {
        var launch = WorkerLaunch(request)
        launch.gateway = gateway
        launch.authority = settings.authority
        launch.directory = ContainerRequest.workDirectory
        launch.confinement = Self.confinement
        launch.guardCommand = ["\(ContainerRequest.programDirectory)/reconcile-guard"]
        var archive = Archive(owner: ContainerRequest.owner)
        archive.add(directory: "worker", mode: 0o700)
        archive.add(file: "worker/launch.json", mode: 0o400, JSON.encode(launch.tree) + [UInt8(ascii: "\n")])
        _ = try await engine.send(
            .upload(id, to: ContainerRequest.workVolume, archive.finished(), timeout: .seconds(30)))
    }
}
