import Engine
import Model

/// The one source of chance in a world: everything random is drawn from it in order, so that a seed is a run.
struct Chance: Sendable {
    private var source: Randomness

    init(seed: UInt64) { source = Randomness(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ 0x5DEE_CE66) }

    mutating func number() -> UInt64 { source.next() }
    mutating func below(_ bound: Int) -> Int { Int(source.below(UInt64(max(1, bound)))) }
    mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }
    mutating func percent(_ share: Int) -> Bool { share > 0 && below(100) < share }
    mutating func pick<Element>(_ items: [Element]) -> Element { items[below(items.count)] }
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(Int64(within(range))) }
    mutating func uid() -> String { source.uuid() }
}
