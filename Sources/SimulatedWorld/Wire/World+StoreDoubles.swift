import Model
import Ports
import Storage
import Tree

// What the store would make of other writes than those that came: on a copy, which is cheap (S5, S6).
extension World {
    /// One of so many batches is also written otherwise.
    private static let every: UInt64 = 8

    /// In place of a batch that was just applied on `before`.
    mutating func tryStore(_ before: StoreCore, _ batch: Batch) {
        guard scenario.kind.isDrawnWide, let first = batch.writes.first else { return }
        let repeated = Batch(batch.writes + [first], epoch: batch.epoch, standing: batch.standing)
        judgeRefusal(repeated, by: before, "writes \(first.key) twice from one version")
        if case .update(let key, let tree, let version) = first, version > 1 {
            for other in [version - 1, version + 1] {
                let late = Batch(
                    batch.writes.dropFirst() + [.update(key, tree, expecting: other)], epoch: batch.epoch,
                    standing: batch.standing)
                judgeRefusal(late, by: before, "expects version \(other) of \(key), and \(version) stands")
            }
        }
        if before.epoch > 0 {
            let old = Batch(batch.writes, epoch: before.epoch - 1, standing: batch.standing)
            judgeRefusal(old, by: before, "is of epoch \(before.epoch - 1) after \(before.epoch)")
        }
        for object in before.list(StoreQuery(kinds: [.worker, .task])).objects.prefix(1)
        where !batch.writes.contains(where: { $0.key == object.key }) {
            let other = Batch(batch.writes, epoch: batch.epoch, standing: [Standing(object.key, uid: "another")])
            judgeRefusal(other, by: before, "needs another \(object.key) than stands")
        }
    }

    /// S23: what was looked at to be allowed has to stand when it is written, the region of what is made and the worker
    /// of what is bound.
    mutating func judgeStanding(_ batch: Batch) {
        guard scenario.kind.isDrawnWide else { return }
        for write in batch.writes {
            switch write {
            case .create(let key, let tree) where key.kind == .worker:
                let region = ObjectKey(.region, "", tree["spec"]?["region"]?.string ?? "")
                guard !batch.standing.contains(where: { $0.key == region }) else { continue }
                fail(.meeting, "\(key) is made whether or not \(region) still stands")
            case .update(let key, let tree, _)
            where key.kind == .task && tree["status"]?["phase"] == "Assigned"
                && store.get(key)?.tree["status"]?["phase"] == "Pending":
                let name = tree["status"]?["assignment"]?["worker"]?.string ?? ""
                let worker = ObjectKey(.worker, key.namespace, name)
                let isWritten = batch.writes.contains { $0.key == worker }
                guard !isWritten, !batch.standing.contains(where: { $0.key == worker }) else { continue }
                fail(.meeting, "\(key) is bound whether or not \(worker) still stands")
            case .create, .update, .remove: continue
            }
        }
    }

    /// L4: a watch from before a batch tells all of it in order; one that is too far behind says so.
    mutating func judgeWatch(since version: UInt64, _ receipt: CommitReceipt, _ batch: Batch) {
        guard scenario.kind.isDrawnWide else { return }
        if let told = told(since: version, limit: batch.writes.count) {
            for (write, (object, event)) in zip(batch.writes, zip(receipt.objects, told)) {
                let isRight =
                    switch event {
                    case .applied(let new, _), .replaced(let new, _): new.version == object?.version
                    case .deleted(let last): object == nil && last.key == write.key
                    case .initial, .restarted, .synced: false
                    }
                if !isRight { return fail(.noTimeTravel, "a watch does not tell what became of \(write.key)") }
            }
            if told.count < batch.writes.count {
                fail(.noTimeTravel, "a watch tells \(told.count) of \(batch.writes.count) changes")
            }
        }
        judgeStale()
    }

    /// Lists at an older version are what they were.
    mutating func judgeList(of former: StoreCore) {
        // try?: what is forgotten is said by an error, which is right.
        guard let list = try? store.list(StoreQuery(), at: former.version) else { return }
        let (was, told) = (former.list(StoreQuery()).objects, list.objects)
        guard
            zip(was, told).contains(where: { $0.key != $1.key || $0.version != $1.version }) || was.count != told.count
        else { return }
        fail(.noTimeTravel, "a list at version \(former.version) is not what stood then")
    }

    /// One that nobody pulls from for long.
    private mutating func judgeStale() {
        guard var watch = staleWatch else { return staleWatch = live(since: store.version) }
        let position = watch.position
        // try?: what is forgotten is said by an error, which is right.
        guard let first = try? watch.pull(from: store, limit: 1).first else { return }
        let version: UInt64? =
            switch first {
            case .applied(let object, _), .replaced(let object, _), .deleted(let object): object.version
            case .initial, .restarted, .synced: nil
            }
        guard let version, version > position + 1 else { return }
        fail(.noTimeTravel, "a watch that stood at version \(position) goes on with \(version)")
    }

    /// Nil where that is forgotten.
    private func told(since version: UInt64, limit: Int) -> [StoreEvent]? {
        guard var watch = live(since: version) else { return nil }
        return try? watch.pull(from: store, limit: limit)
    }

    /// A watch that has said that it begins there.
    private func live(since version: UInt64) -> WatchState? {
        guard var watch = try? store.watch(StoreQuery(), from: version) else { return nil }
        _ = try? watch.pull(from: store, limit: 1)
        return watch
    }

    var triesStore: Bool {
        mutating get {
            tries += 1
            return tries % Self.every == 0
        }
    }

    private mutating func judgeRefusal(_ batch: Batch, by store: StoreCore, _ what: String) {
        var double = store
        guard case .success = double.commit(batch) else {
            guard double.version != store.version else { return }
            return fail(.noTimeTravel, "a refused batch that \(what) has left something in the store")
        }
        fail(.fencing, "the store would take a batch that \(what)")
    }
}
