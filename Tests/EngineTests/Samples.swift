import Engine
import Model
import Ports
import Tree

extension StoredObject {
    static func task(
        _ name: String, on worker: String? = nil, phase: TaskPhase? = nil, version: UInt64
    ) -> StoredObject {
        var task = WorkTask(metadata: .sample(name), spec: TaskSpec())
        task.spec.plan = "site"
        task.spec.task = name
        task.spec.run.command = ["true"]
        if let worker {
            var assignment = Assignment()
            assignment.worker = worker
            assignment.workerUID = "uid-\(worker)"
            task.status.assignment = assignment
            task.status.phase = .running
            task.status.attempt = 1
            task.status.fence = 1
        }
        if let phase { task.status.phase = phase }
        return StoredObject(key: task.key, uid: task.metadata.uid, version: version, tree: task.tree)
    }

    static func worker(_ name: String, version: UInt64) -> StoredObject {
        let worker = Worker.sample(name)
        return StoredObject(key: worker.key, uid: worker.metadata.uid, version: version, tree: worker.tree)
    }

    static func event(_ name: String, at milliseconds: Int64, version: UInt64) -> StoredObject {
        let time = Timestamp(milliseconds: milliseconds).description
        return StoredObject(
            key: ObjectKey(.event, "shop", name), uid: name, version: version,
            tree: [
                "metadata": ["name": .string(name), "namespace": "shop", "uid": .string(name)],
                "lastTimestamp": .string(time),
            ])
    }
}

extension ObjectMeta {
    static func sample(_ name: String) -> ObjectMeta {
        var metadata = ObjectMeta()
        metadata.name = name
        metadata.namespace = "shop"
        metadata.uid = "uid-\(name)"
        metadata.generation = 1
        return metadata
    }
}

extension Worker {
    static func sample(_ name: String) -> Worker {
        var worker = Worker(metadata: .sample(name), spec: WorkerSpec())
        worker.spec.pool = "web"
        worker.spec.region = "east"
        return worker
    }
}
