import Model
import Testing
import Tree

struct DurationTests {
    @Test(
        "Text is Kubernetes' form",
        arguments: [
            ("90s", 90_000, "1m30s"), ("5m", 300_000, "5m"), ("1h30m", 5_400_000, "1h30m"),
            ("250ms", 250, "250ms"),
            ("0s", 0, "0s"), ("0", 0, "0s"), ("720h", 2_592_000_000, "720h"),
            ("87600h", 315_360_000_000, "87600h"),
            ("1500ms", 1500, "1s500ms"),
        ] as [(String, Int64, String)])
    func reading(_ text: String, _ milliseconds: Int64, _ canonical: String) throws {
        let value = try #require(Duration(text: text))
        #expect(value.milliseconds == milliseconds)
        #expect(value.text == canonical)
        #expect(Duration(text: canonical) == value)
    }

    @Test(
        "Anything else is refused",
        arguments: ["", "5", "s", "1.5h", "-5s", "5 s", "1d", "87601h", "999999999999999999999s", "５s", "5M"])
    func refusing(_ text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(
        "Ages as kubectl prints them",
        arguments: [
            (45, "45s"), (119, "119s"), (120, "2m"), (303, "5m3s"), (600, "10m"), (11_520, "3h12m"),
            (28_800, "8h"),
            (187_200, "2d4h"), (8 * 86_400, "8d"), (800 * 86_400, "2y"), (-3, "0s"),
        ] as [(Int64, String)])
    func age(_ seconds: Int64, _ text: String) {
        #expect(Duration.seconds(seconds).age == text)
    }
}

struct TimestampTests {
    @Test(
        "RFC 3339 in, UTC out",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("2026-11-23T18:05:09.250Z", 1_795_457_109_250, "2026-11-23T18:05:09.250Z"),
            ("2026-11-23T20:05:09+02:00", 1_795_457_109_000, "2026-11-23T18:05:09Z"),
            ("2024-02-29T23:59:59.9999Z", 1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            ("1969-12-31T23:59:59.999z", -1, "1969-12-31T23:59:59.999Z"),
            ("2000-03-01t00:00:00Z", 951_868_800_000, "2000-03-01T00:00:00Z"),
        ] as [(String, Int64, String)])
    func reading(_ text: String, _ milliseconds: Int64, _ utc: String) throws {
        let time = try #require(Timestamp(text))
        #expect(time.milliseconds == milliseconds)
        #expect(time.description == utc)
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "2026-11-23", "2026-11-23T18:05:09", "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z",
            "2026-11-23T18:05:09+0200", "2026-11-23 18:05:09Zx", "x026-11-23T18:05:09Z",
        ])
    func refusing(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func everyDayOfFourHundredYearsSurvives() {
        // The calendar repeats after 400 years of 146,097 days.
        for day in stride(from: Int64(-73_000), to: 73_097, by: 1) {
            let time = Timestamp(milliseconds: day * 86_400_000)
            guard Timestamp(time.description) == time else {
                Issue.record("\(time) is not read back")
                return
            }
        }
    }

    @Test func anInstantSaturatesInsteadOfWrapping() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant(nanoseconds: 5) - Instant(nanoseconds: 2) == .nanoseconds(3))
    }
}

struct DecimalTests {
    @Test(
        "A quoted decimal, sign allowed",
        arguments: [
            ("38.95", 38_950_000), ("-77.45", -77_450_000), ("1.0", 1_000_000), ("0", 0), ("1", 1_000_000),
            ("--1", nil), ("", nil), ("-", nil), ("1.0000001", nil),
        ] as [(String, Int64?)])
    func reading(_ text: String, _ micros: Int64?) {
        #expect(Decimal(text)?.micros == micros)
    }

    @Test func numbersWithoutQuotesAreRefused() {
        #expect(throws: DecodingIssue.self) { try Decimal(tree: .double(1.5)) }
        #expect(throws: DecodingIssue.self) { try Decimal(tree: .int(1)) }
    }
}
