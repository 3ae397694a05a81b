import Tree

/// Trees without nulls, the same ones for the same seed.
struct SeededTrees {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// xorshift64*.
    mutating func next(_ bound: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    mutating func tree(depth: Int) -> Tree {
        switch depth == 0 ? 5 : next(8) {
        case 0: return .array((0..<next(4)).map { _ in tree(depth: depth - 1) })
        case 1: return .bool(next(2) == 0)
        case 2: return .int(Int64(next(5)))
        case 3, 5: return .string(["a", "b", "c"][next(3)])
        default:
            var members = Members()
            for _ in 0..<next(5) { members[["p", "q", "r", "s", "t"][next(5)]] = tree(depth: depth - 1) }
            return .object(members)
        }
    }

    /// A spec of the sample pool.
    mutating func spec() -> Tree {
        var spec: Tree = ["region": .string(["r1", "r2"][next(2)])]
        if next(2) == 0 { spec["replicas"] = .int(Int64(next(4))) }
        if next(2) == 0 { spec["probe"] = next(2) == 0 ? ["path": "/x"] : ["retries": .int(Int64(next(3)))] }
        if next(2) == 0 { spec["images"] = .array((0..<next(3)).map { _ in ["i1", "i2"][next(2)] }) }
        if next(2) == 0 {
            var labels = Members()
            for _ in 0..<next(3) { labels[["x", "y", "z"][next(3)]] = .string(["1", "2"][next(2)]) }
            spec["labels"] = .object(labels)
        }
        var names = ["A", "B", "C"]
        spec["env"] = .array(
            (0..<next(4)).map { _ in
                [
                    "name": .string(names.remove(at: next(names.count))),
                    "value": .string(["1", "2"][next(2)]),
                ]
            })
        var zones = ["x", "y", "z"]
        spec["zones"] = .array((0..<next(4)).map { _ in .string(zones.remove(at: next(zones.count))) })
        return spec
    }
}
