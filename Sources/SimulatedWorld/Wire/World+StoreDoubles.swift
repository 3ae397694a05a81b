import Model
import Ports
import Storage

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
