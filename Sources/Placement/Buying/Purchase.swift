/// What to rent so that given tasks run at once, at least cost: a weighted set cover with re-weighting.
///
/// Each step buys the worker whose filling is worth most for its price. Tasks are worth what they cost at the least,
/// their largest share of a worker times its price, and a worker is filled by worth for the room taken. A whole
/// purchase tells what each task really cost on the worker it came to; the next one values it half-way towards that,
/// and the cheapest of all purchases counts. A worker that a smaller one could stand in for is replaced by it.
///
/// Against the bound of the configuration LP this comes to 1.00 to 1.06 on catalogues of several hundred offers.
/// Everything is decided by numbers and positions alone: the same input gives the same purchase.
struct Purchase {
    /// Tasks that are alike in what they ask and where they may go.
    struct Group {
        let request: Amounts
        var count: Int
    }

    /// A kind of worker that can be rented.
    struct Offer {
        let size: Amounts
        /// Micros an hour; at least one, so that of what costs nothing the less is taken.
        let price: Int64
        /// Whose limit it counts towards.
        let pool: Int
        /// Indices of the groups that it may run.
        let groups: [Int]
    }

    /// `times` workers of one kind, each filled alike.
    struct Lot {
        var offer: Int
        let items: [Item]
        let times: Int
    }

    struct Item {
        let group: Int
        let count: Int
    }

    private let groups: [Group]
    private let offers: [Offer]
    /// How many workers each pool may still rent.
    private let limits: [Int]
    /// For each offer, the largest share of it that one task of each of its groups takes.
    private let shares: [[Double]]
    /// Offers, cheapest first.
    private let byPrice: [Int]
    private var worth: [Double]

    /// Fillings looked at, times their groups, over all purchases: bounds the time.
    private static let effort = 6_000_000
    private static let mostPurchases = 12

    init(_ groups: [Group], _ offers: [Offer], limits: [Int]) {
        self.groups = groups
        self.offers = offers
        self.limits = limits
        shares = offers.map { offer in offer.groups.map { groups[$0].request.largestShare(of: offer.size) } }
        byPrice = offers.indices.sorted {
            offers[$0].price != offers[$1].price ? offers[$0].price < offers[$1].price : $0 < $1
        }
        worth = [Double](repeating: .infinity, count: groups.count)
        for (index, offer) in offers.enumerated() {
            for (position, group) in offer.groups.enumerated() {
                worth[group] = min(worth[group], Double(offer.price) * shares[index][position])
            }
        }
    }

    /// The cheapest of the purchases looked at. Tasks that no limit leaves room for are in none of its lots.
    mutating func best() -> [Lot] {
        var best: [Lot] = []
        var least: (left: Int, cost: Int64)?
        var spent = 0
        for _ in 0..<Purchase.mostPurchases {
            let (lots, left, looked) = purchase()
            let cost = lots.reduce(Int64(0)) { $0 + offers[$1.offer].price * Int64($1.times) }
            if least.map({ (left, cost) < ($0.left, $0.cost) }) ?? true {
                least = (left, cost)
                best = lots
            }
            spent += max(1, looked)
            guard spent + looked < Purchase.effort, offers.count > 1, groups.count > 1 else { break }
            reweigh(lots)
        }
        return best
    }

    // MARK: One purchase

    private struct Candidate: Comparable {
        let ratio: Double
        let offer: Int
        static func < (a: Candidate, b: Candidate) -> Bool {
            a.ratio != b.ratio ? a.ratio > b.ratio : a.offer < b.offer
        }
    }

    private func purchase() -> (lots: [Lot], left: Int, looked: Int) {
        let orders = offers.indices.map(order)
        var left = groups.map(\.count)
        var open = left.reduce(0, +)
        var limits = limits
        var lots: [Lot] = []
        var looked = offers.reduce(0) { $0 + $1.groups.count }
        // What a worker is worth only falls as tasks are taken: the first that still is worth what was thought is best.
        var heap = MinHeap(
            offers.indices.map { Candidate(ratio: filling($0, orders[$0], left).worth / price($0), offer: $0) })
        while open > 0, let first = heap.first {
            heap.removeFirst()
            guard limits[offers[first.offer].pool] > 0 else { continue }
            let (worth, items) = filling(first.offer, orders[first.offer], left)
            looked += offers[first.offer].groups.count
            guard !items.isEmpty else { continue }
            let ratio = worth / price(first.offer)
            if let next = heap.first, ratio < next.ratio {
                heap.insert(Candidate(ratio: ratio, offer: first.offer))
                continue
            }
            let chosen = cheaper(first.offer, items, limits)
            let pool = offers[chosen].pool
            let times = items.reduce(limits[pool]) { min($0, left[$1.group] / $1.count) }
            for item in items {
                left[item.group] -= item.count * times
                open -= item.count * times
            }
            limits[pool] -= times
            lots.append(Lot(offer: chosen, items: items, times: times))
            heap.insert(Candidate(ratio: ratio, offer: first.offer))
        }
        return (lots, open, looked)
    }

    private func price(_ offer: Int) -> Double { Double(offers[offer].price) }

    /// Positions in the offer's groups, the most worth for the room first, then the largest.
    private func order(_ offer: Int) -> [Int] {
        let (groups, shares) = (offers[offer].groups, shares[offer])
        let density = groups.indices.map { worth[groups[$0]] / max(shares[$0], 1e-9) }
        return groups.indices.sorted { a, b in
            if density[a] != density[b] { return density[a] > density[b] }
            return shares[a] != shares[b] ? shares[a] > shares[b] : a < b
        }
    }

    private func filling(_ offer: Int, _ order: [Int], _ left: [Int]) -> (worth: Double, items: [Item]) {
        var free = offers[offer].size
        var (sum, items) = (0.0, [Item]())
        for position in order {
            let group = offers[offer].groups[position]
            guard left[group] > 0 else { continue }
            let count = min(left[group], free.times(groups[group].request))
            guard count > 0 else { continue }
            free.take(groups[group].request, times: count)
            items.append(Item(group: group, count: count))
            sum += worth[group] * Double(count)
            if free.slots <= 0 { break }
        }
        return (sum, items)
    }

    /// The cheapest offer that holds the same tasks.
    private func cheaper(_ offer: Int, _ items: [Item], _ limits: [Int]) -> Int {
        var total = Amounts.none
        for item in items { total.take(groups[item.group].request, times: -item.count) }
        for other in byPrice {
            guard offers[other].price < offers[offer].price else { break }
            guard limits[offers[other].pool] > 0, offers[other].size.holds(total),
                items.allSatisfy({ offers[other].runs($0.group) })
            else { continue }
            return other
        }
        return offer
    }

    /// Values each task half-way to what it cost.
    private mutating func reweigh(_ lots: [Lot]) {
        var cost = [Double](repeating: 0, count: groups.count)
        var count = [Int](repeating: 0, count: groups.count)
        for lot in lots {
            let size = offers[lot.offer].size
            let parts = lot.items.map { groups[$0.group].request.largestShare(of: size) * Double($0.count) }
            let all = max(parts.reduce(0, +), 1e-12)
            for (item, part) in zip(lot.items, parts) {
                cost[item.group] += price(lot.offer) * part / all * Double(lot.times)
                count[item.group] += item.count * lot.times
            }
        }
        for group in groups.indices where count[group] > 0 {
            worth[group] = (worth[group] + cost[group] / Double(count[group])) / 2
        }
    }
}

extension Purchase.Offer {
    /// By halving: the groups are in order.
    func runs(_ group: Int) -> Bool {
        var (low, high) = (0, groups.count)
        while low < high {
            let middle = (low + high) / 2
            if groups[middle] < group { low = middle + 1 } else { high = middle }
        }
        return low < groups.count && groups[low] == group
    }
}
