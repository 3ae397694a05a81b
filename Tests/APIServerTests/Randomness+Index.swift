import Engine

extension Randomness {
    /// Uniform in `0..<bound`.
    mutating func below(_ bound: Int) -> Int { Int(below(UInt64(bound))) }
}
