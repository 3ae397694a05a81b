import Model
import Ports
import Storage
import Tree

// What was spent up to the moment that a book says, and on the day that it says, by a meter of our own.
extension World {
    mutating func judgeBook(_ change: StoredChange) {
        guard scenario.faults.isEmpty, let by = change.by, let after = change.after,
            change.status?["accrued"] != change.before?.tree["status"]?["accrued"],
            let tree = change.status?["accrued"], let book = try? Accrual(tree: tree), let asOf = book.asOf,
            let created = witness.createdAt[after.uid]
        else { return }
        let isPool = change.key.kind == .workerPool
        let day = Timestamp(milliseconds: asOf.milliseconds - asOf.milliseconds % 86_400_000)
        if book.day != String(asOf.description.prefix(10)) {
            fail(.budget, "\(change.key) books \(asOf) on \(book.day)")
        }
        // On this leader's clock.
        func moment(_ time: Timestamp) -> Instant { .origin + (time - scenario.begins - controllers[by].skew) }
        let (until, midnight) = (moment(asOf), moment(day))
        var (today, total, slack) = (Money.zero, Money.zero, Money(micros: 2000))
        for uid in witness.workers.keys.sorted() {
            guard let seen = witness.workers[uid], !witness.forged.contains(uid),
                isPool ? seen.pool == change.key : seen.region == change.key.name,
                let from = witness.orderedAt[uid], from >= created
            else { continue }
            let to = min(witness.goneAt[uid] ?? until, until)
            total += seen.price.perHour(over: max(.zero, to - from))
            today += seen.price.perHour(over: max(.zero, to - max(from, midnight)))
            slack += seen.price.perHour(over: .milliseconds(1500))
        }
        for (name, said, found) in [("today", book.today, today), ("in all", book.total, total)] {
            guard said > found + slack || said + slack < found else { continue }
            fail(.budget, "\(change.key) says that it spent \(said) \(name), and what it rented cost \(found)")
        }
    }
}
