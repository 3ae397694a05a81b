import Model

/// The pool world: two regions, up to three pools, scaled, drained and deleted.
enum PoolScript {
    static func draw(_ chance: inout Chance, calm: Duration) -> [Scenario.Timed] {
        var deeds: [Scenario.Timed] = []
        func add(_ milliseconds: Int, _ deed: Deed) {
            deeds.append(.init(at: .milliseconds(Int64(milliseconds)), deed: deed))
        }
        let end = Int(calm.milliseconds)
        for index in 0..<2 { add(chance.below(2000), Manifest.region(index, &chance)) }
        let pools = chance.within(1...3)
        for index in 0..<pools {
            let deed = Manifest.pool(
                "pool-\(index)", region: chance.below(2), size: chance.within(1...2), elastic: false,
                slots: chance.within(1...2), &chance)
            add(chance.below(3000), deed)
        }
        for _ in 0..<chance.below(4) {
            let pool = Manifest.poolKey("pool-\(chance.below(pools))")
            switch chance.below(8) {
            case 0, 1, 2, 3: add(chance.within(3000...end), .scale(pool, chance.below(4)))
            case 4, 5: add(chance.within(3000...end), .deleteWorker(chance.below(4)))
            case 6:
                let at = chance.within(3000...end)
                let worker = chance.below(4)
                add(at, .maintain(worker, true))
            default: add(chance.within(3000...end), .delete(pool))
            }
        }
        if chance.percent(30) {
            for index in 0..<pools { add(end + chance.below(2000), .delete(Manifest.poolKey("pool-\(index)"))) }
            if chance.percent(50) {
                for index in 0..<2 {
                    add(end + chance.below(4000), .delete(ObjectKey(.region, "", Scenario.region(index))))
                }
            }
        }
        return deeds.sorted { $0.at < $1.at }
    }
}
