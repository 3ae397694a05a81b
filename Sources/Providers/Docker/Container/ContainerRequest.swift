import Model
import Ports
import Tree

/// The body of `POST /containers/create` for a worker. Pure: the same request gives the same body.
struct ContainerRequest: Sendable {
    /// Neither root nor anybody the image knows.
    static let owner = Archive.Owner(user: 65532, group: 65532)
    /// The bundle, one volume for all workers of the cluster on that engine, read-only.
    static let programDirectory = "/reconcile/program"
    /// The worker's own volume, which goes with it.
    static let workVolume = "/reconcile/data"
    static let workDirectory = workVolume + "/worker"
    static let launchFile = workDirectory + "/launch.json"

    let request: WorkerRequest
    let image: String
    let network: String
    /// What the Region says; pools and tasks can't ask for more.
    var allowed: [DockerVolume] = []
    /// The engine's, where it has one on its machine.
    var engineSocket: String?
    /// Where it joins.
    var gateway = ""
    var reachesMetadata = false
    let programVolume: String
    /// Of the engine's machine; 0 where it doesn't say.
    let processors: Int

    var name: String {
        WorkerLabels.name(uid: request.workerUID, slot: request.slot, attempt: request.attempt)
    }

    /// The program through its own loader, so that nothing of the image is needed.
    static func command(_ arguments: String...) -> [String] { command(program: "reconcile") + arguments }

    static func command(program: String) -> [String] {
        ["loader", "--library-path", "lib", program].enumerated().map { index, word in
            index == 1 ? word : "\(programDirectory)/\(word)"
        }
    }

    func body() throws(ProviderError) -> Tree {
        var tree: Tree = [
            "Image": .string(image),
            "Hostname": .string(String(request.key.name.prefix(63))),
            "User": .string("\(Self.owner.user):\(Self.owner.group)"),
            "WorkingDir": .string(Self.workVolume),
            // An entry point of ours makes the engine drop the image's own command.
            "Entrypoint": .array(Self.command("worker", "--launch", Self.launchFile).map { .string($0) }),
            "Cmd": [],
            // What the tasks' environment holds goes by the launch file, which `docker inspect` does not show.
            "Env": [.string("HOME=\(Self.workDirectory)")],
            "Healthcheck": ["Test": ["NONE"]],
            "StopSignal": "SIGTERM",
            "Labels": WorkerLabels.tree(request),
        ]
        if !gateway.isEmpty { tree["Labels"]?[WorkerLabels.gateway] = .string(gateway) }
        tree["HostConfig"] = try hostConfig()
        tree["NetworkingConfig"] = reachesMetadata ? nil : LinkLocal.keptFrom(network)
        return tree
    }

    private func hostConfig() throws(ProviderError) -> Tree {
        if let problem = DockerNetwork.problem(network) {
            throw ProviderError(.invalid, "spec.provider.docker.network: \(problem)")
        }
        let resources = request.spec.resources
        var tree = try HostConfig.tree(
            network: network, cpu: resources.cpu, memory: resources.memory, gpu: resources.gpu, processors: processors)
        // How it ended must be seen.
        tree["AutoRemove"] = false
        tree["Init"] = true
        tree["Mounts"] = .array(try mounts())
        return tree
    }

    private func mounts() throws(ProviderError) -> [Tree] {
        let labels: Tree = [WorkerLabels.cluster: .string(request.clusterID)]
        var mounts: [Tree] = [
            [
                "Type": "volume", "Source": .string(programVolume), "Target": .string(Self.programDirectory),
                "ReadOnly": true, "VolumeOptions": ["Labels": labels, "NoCopy": true],
            ],
            [
                "Type": "volume", "Target": .string(Self.workVolume),
                "VolumeOptions": ["Labels": labels, "NoCopy": true],
            ],
        ]
        for volume in allowed {
            if let problem = volume.problem(engineSocket: engineSocket) {
                throw ProviderError(.invalid, "spec.provider.docker.volumes: \(volume.source) \(problem)")
            }
            mounts.append(volume.mount)
        }
        return mounts
    }
}

extension DockerVolume {
    /// As the engine takes it. A directory that is not there is refused rather than made.
    var mount: Tree {
        [
            "Type": .string(source.hasPrefix("/") ? "bind" : "volume"), "Source": .string(source),
            "Target": .string(target), "ReadOnly": .bool(readOnly),
        ]
    }
}
