import Tree

/// Every field of the engine's HostConfig (API 1.41 to 1.47): set by us, or refused, which means never sent and left at
/// a value that gives nothing away. What the table does not know is not ours to send.
enum HostConfigTable {
    enum Treatment: Sendable, Hashable {
        /// Written with every container.
        case set
        /// Written only where the pool asks for it.
        case setWhereAsked
        /// Never written; the engine's own value must be empty (null, "", 0, false, [] or {}) or one of these.
        case refused(engineMaySay: [Tree])
        /// Never written, and what the engine says of its own is the safe default.
        case engineOwn
    }

    static let fields: [(name: String, treatment: Treatment, because: String)] =
        isolation + privileges + limits + devices + network + storage + life + elsewhere

    private static let nothing = Treatment.refused(engineMaySay: [])

    /// Namespaces of the host.
    private static let isolation: [(name: String, treatment: Treatment, because: String)] = [
        ("IpcMode", .set, "private: no memory shared with the host or another container"),
        ("CgroupnsMode", .set, "private: the container sees its own control group alone"),
        ("PidMode", nothing, "the host's processes are not to be seen"),
        ("UTSMode", nothing, "the host's name is not to be changed"),
        ("UsernsMode", nothing, "`host` would undo the engine's remapping of users"),
        ("Cgroup", nothing, "no control group of another container"),
        ("CgroupParent", nothing, "the engine's own, whose limits hold"),
        ("Isolation", .refused(engineMaySay: ["default"]), "Windows only"),
        ("Runtime", .refused(engineMaySay: ["runc"]), "the engine's default runtime, as its owner chose it"),
    ]

    private static let privileges: [(name: String, treatment: Treatment, because: String)] = [
        ("Privileged", .set, "false"),
        ("CapAdd", nothing, "no capability"),
        ("CapDrop", .set, "ALL"),
        ("Capabilities", nothing, "an exact list would bring some back"),
        ("SecurityOpt", .set, "no-new-privileges; seccomp and AppArmor stay the engine's defaults"),
        ("GroupAdd", nothing, "no further groups"),
        ("MaskedPaths", .engineOwn, "the engine's own list"),
        ("ReadonlyPaths", .engineOwn, "the engine's own list"),
        ("ReadonlyRootfs", .set, "true: what is written goes to the work directory or /tmp"),
        ("Sysctls", nothing, "no kernel settings"),
        ("Annotations", nothing, "runtimes may read switches from them"),
    ]

    private static let limits: [(name: String, treatment: Treatment, because: String)] = [
        ("Memory", .set, "the worker's memory"),
        ("MemorySwap", .set, "the same as Memory: no swap beyond it"),
        ("NanoCpus", .set, "the worker's processors"),
        ("PidsLimit", .set, "an end to forking"),
        ("ShmSize", .set, "64 MiB; it counts as memory"),
        ("OomKillDisable", .set, "false: a container past its memory ends instead of hanging"),
        ("OomScoreAdj", .set, "0: not preferred to the host's own processes"),
        ("MemoryReservation", nothing, "the limit is the promise"),
        ("MemorySwappiness", .refused(engineMaySay: [-1]), "the host's"),
        ("KernelMemory", nothing, "part of Memory; gone from newer engines"),
        ("KernelMemoryTCP", nothing, "part of Memory"),
        ("CpuShares", nothing, "NanoCpus limits"), ("CpuPeriod", nothing, "NanoCpus limits"),
        ("CpuQuota", nothing, "NanoCpus limits"), ("CpuCount", nothing, "Windows only"),
        ("CpuPercent", nothing, "Windows only"), ("CpuRealtimePeriod", nothing, "no real-time share"),
        ("CpuRealtimeRuntime", nothing, "no real-time share"), ("CpusetCpus", nothing, "no pinning"),
        ("CpusetMems", nothing, "no pinning"), ("BlkioWeight", nothing, "the engine's"),
        ("BlkioWeightDevice", nothing, "names a device"), ("BlkioDeviceReadBps", nothing, "names a device"),
        ("BlkioDeviceWriteBps", nothing, "names a device"), ("BlkioDeviceReadIOps", nothing, "names a device"),
        ("BlkioDeviceWriteIOps", nothing, "names a device"), ("IOMaximumIOps", nothing, "Windows only"),
        ("IOMaximumBandwidth", nothing, "Windows only"),
        ("Ulimits", .set, "8,192 open files a process, and no core dump"),
    ]

    private static let devices: [(name: String, treatment: Treatment, because: String)] = [
        ("Devices", nothing, "no device of the host"),
        ("DeviceCgroupRules", nothing, "no device of the host"),
        ("DeviceRequests", .setWhereAsked, "graphics processors that the pool asks for, and nothing else"),
    ]

    private static let network: [(name: String, treatment: Treatment, because: String)] = [
        ("NetworkMode", .set, "a bridge, or none: never the host's network, nor another container's"),
        ("PortBindings", nothing, "a worker listens for nobody"),
        ("PublishAllPorts", .set, "false"),
        ("Dns", nothing, "the engine's"), ("DnsOptions", nothing, "the engine's"),
        ("DnsSearch", nothing, "the engine's"),
        ("ExtraHosts", nothing, "no names of the host"),
        ("Links", nothing, "no other container"),
    ]

    private static let storage: [(name: String, treatment: Treatment, because: String)] = [
        ("Binds", nothing, "nothing of the host's files, the engine's socket least of all; see Mounts"),
        ("Mounts", .set, "the program, read-only; the work directory; what the Region's allow-list names"),
        ("Tmpfs", .set, "/tmp: small, nosuid, nodev"),
        ("VolumesFrom", nothing, "no volumes of other containers"),
        ("VolumeDriver", nothing, "the engine's own"),
        ("StorageOpt", nothing, "few drivers take it, the others refuse the container"),
    ]

    private static let life: [(name: String, treatment: Treatment, because: String)] = [
        ("AutoRemove", .set, "false: how it ended must be seen"),
        ("RestartPolicy", .set, "no: a worker that ended is replaced, never started again (S1)"),
        ("Init", .set, "true: orphans of tasks are collected"),
        ("LogConfig", .set, "json-file, bounded"),
    ]

    private static let elsewhere: [(name: String, treatment: Treatment, because: String)] = [
        ("ContainerIDFile", nothing, "a file on the engine's machine"),
        ("ConsoleSize", .refused(engineMaySay: [[0, 0]]), "no console"),
    ]

    static func treatment(of name: String) -> Treatment? { fields.first { $0.name == name }?.treatment }
}
