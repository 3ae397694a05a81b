import Model
import Testing
import Tree

struct MoneyTests {
    @Test(
        "Text is read exactly, or not at all",
        arguments: [
            ("50", 50_000_000, "dollars"), ("0.09", 90_000, "cents"), ("0.000001", 1, "the smallest step"),
            ("1234.5", 1_234_500_000, "one digit behind the point"), ("0", 0, "nothing"),
            ("007", 7_000_000, "zeros lead"),
            ("1000000000000", 1_000_000_000_000_000_000, "the largest"),
            ("0.0000001", nil, "finer than a millionth"), ("-1", nil, "no sign"), ("+1", nil, "no sign"),
            ("1e3", nil, "no exponent"), ("", nil, "nothing at all"), (".5", nil, "no dollars"),
            ("5.", nil, "no cents"),
            ("1,5", nil, "no comma"), ("1000000000001", nil, "past the largest"),
            ("٣", nil, "digits are ASCII"),
        ] as [(String, Int64?, String)])
    func reading(_ text: String, _ micros: Int64?, because: String) {
        #expect(Money(text)?.micros == micros, "\(because)")
    }

    @Test(
        "Whole dollars are written as integers, the rest as the shortest decimal",
        arguments: [
            (50_000_000, .int(50), "50"), (90_000, .string("0.09"), "0.09"),
            (41_600, .string("0.0416"), "0.0416"),
            (0, .int(0), "0"), (-1_500_000, .string("-1.5"), "-1.5"),
        ] as [(Int64, Tree, String)])
    func writing(_ micros: Int64, _ tree: Tree, _ decimal: String) {
        #expect(Money(micros: micros).tree == tree)
        #expect(Money(micros: micros).decimal == decimal)
    }

    @Test(
        "For people, two digits, or four under ten cents",
        arguments: [
            (12_340_000, "$12.34"), (41_600, "$0.0416"), (0, "$0.00"), (99_999, "$0.1000"),
            (100_000, "$0.10"),
            (-2_000_000, "-$2.00"), (12_345_678, "$12.35"),
        ] as [(Int64, String)])
    func description(_ micros: Int64, _ text: String) {
        #expect(Money(micros: micros).description == text)
    }

    @Test func aRateOverATimeIsRoundedToTheNearestMillionth() {
        #expect(Money(dollars: 1).perHour(over: .minutes(30)) == Money(micros: 500_000))
        #expect(
            Money(micros: 1).perHour(over: .minutes(30)) == Money(micros: 1), "half a millionth rounds up")
        #expect(Money(micros: 1).perHour(over: .minutes(29)) == .zero)
        #expect(Money(micros: .max).perHour(over: .hours(2)) == Money(micros: .max), "clamped, not wrapped")
    }

    @Test func aFractionIsRefusedWithTheCure() {
        #expect(
            throws: DecodingIssue(
                path: [], message: "money is an integer or a quoted decimal: write \"0.09\"")
        ) {
            try Money(tree: .double(0.09))
        }
    }
}
