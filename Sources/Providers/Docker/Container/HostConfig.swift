import Model
import Ports
import Tree

/// What every container of ours is held to, whatever runs in it; `HostConfigTable` says why of each.
enum HostConfig {
    static let processes: Int64 = 1024
    /// Of one process: an engine that has no more itself could not start a container that is given more.
    private static let openFiles: Int64 = 8192
    private static let temporaryBytes = 64 << 20
    private static let sharedBytes: Int64 = 64 << 20
    /// The engine refuses less.
    private static let leastMemory: Int64 = 6 << 20

    /// Without what differs: `AutoRemove`, `Init` and `Mounts`. `processors`: of the engine's machine; 0 where it
    /// doesn't say.
    static func tree(
        network: String, cpu: Quantity?, memory: Quantity?, gpu: GPU?, processors: Int
    ) throws(ProviderError) -> Tree {
        var tree: Tree = [
            "Privileged": false, "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"],
            "ReadonlyRootfs": true, "IpcMode": "private", "CgroupnsMode": "private", "PublishAllPorts": false,
            "OomKillDisable": false, "OomScoreAdj": 0, "RestartPolicy": ["Name": "no"],
            "LogConfig": ["Type": "json-file", "Config": ["max-size": "1m", "max-file": "2"]],
            "Tmpfs": ["/tmp": .string("rw,nosuid,nodev,noexec,size=\(temporaryBytes),mode=1777")],
        ]
        tree["PidsLimit"] = .int(processes)
        tree["Ulimits"] = [
            ["Name": "nofile", "Soft": .int(openFiles), "Hard": .int(openFiles)],
            ["Name": "core", "Soft": 0, "Hard": 0],
        ]
        tree["ShmSize"] = .int(sharedBytes)
        tree["NetworkMode"] = .string(network)
        let bytes = max(memory?.units ?? 0, 0)
        guard bytes == 0 || bytes >= leastMemory else {
            throw ProviderError(
                .invalid, "resources.memory of \(bytes) bytes is less than the 6Mi that Docker takes; ask for more")
        }
        tree["Memory"] = .int(bytes)
        // 0: no limit, which the engine says with 0 for both.
        tree["MemorySwap"] = .int(bytes)
        tree["NanoCpus"] = .int(nanoProcessors(cpu, of: processors))
        if let gpu, gpu.count > 0 {
            // The engine knows graphics processors by number, not by model.
            tree["DeviceRequests"] = [["Count": .int(Int64(gpu.count)), "Capabilities": [["gpu"]]]]
        }
        return tree
    }

    /// The engine refuses more processors than its machine has; all of them is no limit.
    private static func nanoProcessors(_ cpu: Quantity?, of processors: Int) -> Int64 {
        guard let cpu, cpu.milli > 0 else { return 0 }
        let most = processors > 0 ? Int64(processors) * 1000 : .max
        // The least that the engine takes is a hundredth.
        return max(10, min(cpu.milli, most)).multipliedReportingOverflow(by: 1_000_000).partialValue
    }
}
