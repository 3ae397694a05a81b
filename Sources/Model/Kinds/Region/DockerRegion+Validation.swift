import Tree

/// What a Region may share of an engine's machine with its workers, and which networks it may put them on. The schema
/// can't see it: it lies in what paths and names mean.
extension DockerRegion {
    func issues(at path: FieldPath) -> [DecodingIssue] {
        var issues: [DecodingIssue] = []
        if let problem = DockerNetwork.problem(network) {
            issues.append(DecodingIssue(path: path + "network", message: problem))
        }
        let socket = host.flatMap { $0.hasPrefix("unix://") ? String($0.dropFirst("unix://".count)) : nil }
        for (index, volume) in volumes.enumerated() {
            guard let problem = volume.problem(engineSocket: socket) else { continue }
            issues.append(DecodingIssue(path: path + "volumes" + index, message: "\(volume.source) \(problem)"))
        }
        return issues
    }
}

/// Networks of an engine by name, as `docker run --network` takes them.
package enum DockerNetwork {
    /// Why a worker or task may not be on it; nil where it may.
    package static func problem(_ name: String?) -> String? {
        guard let name else { return nil }
        switch name {
        case "host":
            return
                "\"host\" would give workers the machine's own network, its loopback included: name a bridge of the engine"
        case "none": return "workers on no network can't reach the controller: name a bridge of the engine"
        case _ where name.contains(":"):
            return "\"\(name)\" is another container's or a namespace's network: name a bridge of the engine"
        default: return nil
        }
    }
}

extension DockerVolume {
    /// Below which the program keeps its own files in every worker.
    package static let reservedDirectory = "reconcile"
    /// Where engines keep their sockets and their own data, whatever the Region says of its host.
    private static let standardSockets = ["/run/docker.sock", "/run/containerd/containerd.sock"]
    private static let kernelDirectories: Set<String> = ["proc", "sys", "dev", "boot"]

    /// Why it gives away more than a directory; nil where it doesn't. `engineSocket`: that of the Region's engine.
    package func problem(engineSocket: String?) -> String? {
        if source.hasPrefix("/") {
            if source.split(separator: "/").contains("..") { return "has a .. in it: write the directory's own path" }
            let steps = Self.steps(source)
            guard let first = steps.first else { return "is the whole machine: name a directory below it" }
            if Self.kernelDirectories.contains(first) { return "belongs to the machine's kernel: share another" }
            let sockets = Self.standardSockets + [engineSocket].compactMap { $0 }
            if source.hasSuffix(".sock") || sockets.contains(where: { Self.steps($0).starts(with: steps) }) {
                return "would give workers the engine itself: it is never shared, nor a directory that holds it"
            }
            if steps.starts(with: ["var", "lib", "docker"]) || steps.starts(with: ["var", "lib", "containerd"])
                || steps == ["var"] || steps == ["var", "lib"]
            {
                return "holds the engine's own data, those of all containers: share another"
            }
        } else if source.contains("/") {
            return "is neither a volume's name nor an absolute path"
        }
        guard target.hasPrefix("/"), !target.split(separator: "/").contains(".."),
            Self.steps(target, followsRun: false).first.map({ $0 != Self.reservedDirectory }) ?? false
        else { return "can't be mounted at \(target): name an absolute path outside /\(Self.reservedDirectory)" }
        return nil
    }

    /// The steps of a path as a kernel walks them: without empty ones and `.`; `/var/run` is `/run` on every Linux that
    /// follows the Filesystem Hierarchy Standard 3.0.
    private static func steps(_ path: String, followsRun: Bool = true) -> [String] {
        var steps = path.split(separator: "/").map(String.init).filter { $0 != "." }
        if followsRun, steps.starts(with: ["var", "run"]) { steps.removeFirst() }
        return steps
    }
}
