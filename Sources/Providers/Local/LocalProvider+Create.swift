import Documents
import Kernel
import Model
import Ports
import Synchronization

extension LocalProvider {
    /// Starts the worker unless it is released, alive, or has ever run.
    func start(_ request: WorkerRequest) throws(SystemError) {
        let uid = request.workerUID
        if tombstones.contains(uid) { return }
        let directory = directory(uid)
        try Files.makeDirectory(directory.path)
        // Held: it lives, or somebody is just starting it.
        guard let lock = try FileLock.take(directory.lock) else { return }
        guard !tombstones.contains(uid) else {
            if !directory.hasRun { try Files.remove(directory.path) }
            return
        }
        if directory.hasRun { return }
        var record = WorkerRecord(request)
        record.isolation = isolation(request.local).sentence
        try directory.write(record)
        try launch(request, in: directory, lock)
    }

    private func launch(_ request: WorkerRequest, in directory: WorkerDirectory, _ lock: FileLock) throws(SystemError) {
        let uid = request.workerUID
        let paper = JSON.encode(launchPaper(request, directory).tree) + [UInt8(ascii: "\n")]
        guard paper.count < Self.launchBytes else { throw SystemError("launch", directory.path, code: 22) }
        let log = try Descriptor.open(directory.log, [.write, .create, .append, .noFollow])
        let (ours, theirs) = try Descriptor.pair()
        var spawn = SpawnRequest(
            settings.workerCommand + ["\(request.key.namespace)/\(request.key.name)"],
            environment: settings.environment.keys.sorted().map { "\($0)=\(settings.environment[$0] ?? "")" })
        spawn.group = .ownSession
        spawn.workingDirectory = directory.path
        spawn.descriptors = [nil, log, log, theirs, lock.descriptor]
        let pid = try spawn.spawn()
        state.withLock { $0.children[uid] = pid }
        // A child keeps its entry until it is reaped, which nobody else does before this.
        guard let identity = ProcessIdentity(pid: pid) else { throw SystemError("read", "/proc/\(pid)/stat", code: 3) }
        try directory.write(identity)
        watch(uid, identity)
        // A release that came meanwhile either saw the identity, or is seen here. Untold, the process ends.
        if tombstones.contains(uid) { return }
        // If the process is gone already, its directory will tell.
        _ = ours.send(paper)
    }

    private func launchPaper(_ request: WorkerRequest, _ directory: WorkerDirectory) -> WorkerLaunch {
        var paper = WorkerLaunch(request)
        paper.gateway = settings.gateway
        paper.authority = settings.authority
        paper.directory = directory.path
        paper.containerEngine = settings.containerEngine
        paper.confinement = confinement(request.local)
        return paper
    }

    private func isolation(_ local: LocalRegion) -> LocalIsolation { LocalIsolation(local, settings.support) }

    private func confinement(_ local: LocalRegion) -> TaskConfinement? {
        guard isolation(local).isConfined else { return nil }
        var confinement = TaskConfinement()
        confinement.isRequired = local.isolation == .required
        confinement.readable = local.readable
        confinement.writable = local.writable
        confinement.hidden = settings.hidden
        return confinement
    }
}

extension WorkerRecord {
    init(_ request: WorkerRequest) {
        workerUID = request.workerUID
        clusterID = request.clusterID
        namespace = request.key.namespace
        worker = request.key.name
        region = request.region
        pool = request.pool
        slot = request.slot
        attempt = request.attempt
        epoch = Int(clamping: request.epoch)
        createdAt = Timestamp(milliseconds: BootClock.wallNanoseconds / 1_000_000)
    }
}
