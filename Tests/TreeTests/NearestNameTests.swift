import Testing
import Tree

@Suite struct NearestNameTests {
    static let names = ["replicas", "retries", "resources", "region", "run", "command", "minReady", "a"]

    static let rows: [(name: String, suggestion: String?, because: String)] = [
        ("replcas", "replicas", "a letter is missing"), ("replicass", "replicas", "a letter too many"),
        ("relpicas", "replicas", "two letters swapped"),
        ("retrys", "retries", "two edits of seven letters"),
        ("minready", "minReady", "only the case differs"), ("RUN", "run", "only the case differs"),
        ("rnu", "run", "short names allow one edit"), ("reg", nil, "too far from region"),
        ("image", nil, "like none"), ("", nil, "nothing"),
        ("b", nil, "one letter is like no other"), ("run", nil, "the name itself is no suggestion"),
        (String(repeating: "r", count: 10_000), nil, "too long to compare"),
    ]

    @Test(arguments: rows.indices) func suggests(_ index: Int) {
        let row = Self.rows[index]
        #expect(NearestName.suggest(row.name, among: Self.names) == row.suggestion, "\(row.because)")
    }

    @Test func firstOfEquallyNear() {
        #expect(NearestName.suggest("cat", among: ["car", "can"]) == "car")
        #expect(NearestName.suggest("cat", among: ["can", "car"]) == "can")
        #expect(NearestName.suggest("cat", among: []) == nil)
    }
}
