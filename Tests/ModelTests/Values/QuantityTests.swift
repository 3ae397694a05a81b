import Model
import Testing
import Tree

struct QuantityTests {
    @Test(
        "Text is read as Kubernetes reads it",
        arguments: [
            ("500m", 500, "milli"), ("2", 2000, "units"), ("1.5", 1500, "a fraction"),
            (".5", 500, "no units"),
            ("256Mi", 256 << 20, "binary"), ("1k", 1_000_000, "decimal"), ("1e3", 1_000_000, "an exponent"),
            ("1P", 1_000_000_000_000_000_000, "peta"), ("1E", nil, "exa is past the largest"),
            ("2.5Gi", 2560 << 20, "a fraction of a suffix"),
            ("1n", 1, "finer than a thousandth rounds up"), ("1e-3", 1, "a negative exponent"),
            ("0", 0, "nothing"),
            ("100n", 1, "rounds up"), ("", nil, "nothing at all"), ("m", nil, "no number"),
            ("-1", nil, "no sign"),
            ("1.2.3", nil, "two points"), ("1 Gi", nil, "no space"), ("1gi", nil, "suffixes have their case"),
            ("10E", nil, "past the largest"), ("1e99", nil, "an exponent past the largest"),
        ] as [(String, Int64?, String)])
    func reading(_ text: String, _ value: Int64?, because: String) {
        // Binary amounts are given in units above, all others in thousandths.
        let milli = text.hasSuffix("i") ? value.map { $0 * 1000 } : value
        #expect(Quantity(text)?.milli == milli, "\(because)")
    }

    @Test(
        "Written in the shortest exact form",
        arguments: [
            ("1024Mi", "1Gi"), ("1000m", "1"), ("1500m", "1500m"), ("1536Mi", "1536Mi"), ("0", "0"),
            ("1G", "1000000000"),
            ("4096", "4Ki"), ("1023", "1023"),
        ])
    func writing(_ text: String, _ canonical: String) {
        #expect(Quantity(text)?.description == canonical)
        #expect(Quantity(canonical) == Quantity(text), "the canonical form says the same")
    }

    @Test func wholeUnitsAreRoundedUp() {
        #expect(Quantity(milli: 1).units == 1)
        #expect(Quantity(milli: 1000).units == 1)
        #expect(Quantity(milli: 1001).units == 2)
    }

    @Test func integersAreUnits() throws {
        #expect(try Quantity(tree: .int(2)) == Quantity(2))
        #expect(throws: DecodingIssue.self) { try Quantity(tree: .int(-1)) }
        #expect(throws: DecodingIssue.self) { try Quantity(tree: .double(0.5)) }
    }
}
