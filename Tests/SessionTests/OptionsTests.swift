import Kernel
import Testing

@testable import reconcile

/// An option that is accepted does something, a metric that is documented is there, and the other way round.
struct OptionsTests {
    private static let root: String = {
        let parts = Session.directory.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(2).joined(separator: "/")
    }()

    private static func text(_ path: String) throws -> String {
        String(decoding: try #require(try Files.read("\(root)/\(path)", limit: 4 << 20)), as: UTF8.self)
    }

    private static func sources(_ directory: String) throws -> [(path: String, text: String)] {
        try Files.names(in: "\(root)/\(directory)").flatMap { name -> [(path: String, text: String)] in
            let path = "\(directory)/\(name)"
            return name.hasSuffix(".swift") ? [(path, try text(path))] : name.contains(".") ? [] : try sources(path)
        }
    }

    private static func mentions(of name: String, in text: String) -> Int {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.count { $0 == name }
    }

    /// Options, flags and arguments are read where they are declared, or where their group is used.
    @Test func everyOptionOfEveryVerbIsRead() throws {
        let all = try Self.sources("Sources/Commands").map(\.text).joined()
        var seen = 0
        for (path, text) in try Self.sources("Sources/Commands") {
            for declaration in text.matches(of: /@(?:Option|Flag|Argument)\b[\s\S]*?\bvar\s+(\w+)/) {
                let name = String(declaration.output.1)
                seen += 1
                let isGroup = path.hasPrefix("Sources/Commands/Arguments/") || path.hasSuffix("EgressArguments.swift")
                let count = Self.mentions(of: name, in: isGroup ? all : text)
                #expect(count > 1, "\(path): nobody reads `\(name)`")
            }
        }
        #expect(seen > 60)
    }

    /// What the verbs hand to the program is read there.
    @Test func everyOptionThatIsHandedOnIsRead() throws {
        let runtime = try Self.text("Sources/Commands/Runtime.swift")
        let program = try Self.sources("Sources/reconcile").map(\.text).joined()
        for group in ["ServeOptions", "OnceOptions", "PlanOptions", "SweepOptions"] {
            let start = try #require(runtime.firstRange(of: "package struct \(group)"))
            let body = runtime[start.upperBound...].prefix { $0 != "}" }
            for field in String(body).matches(of: /package var (\w+)/) {
                let name = String(field.output.1)
                #expect(Self.mentions(of: name, in: program) > 0, "\(group).\(name)")
            }
        }
    }

    @Test func readmeHasTheTableOfMetrics() throws {
        let readme = try Self.text("README.md")
        let rows = readme.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.hasSuffix("|") }
        let documented = rows.compactMap { row -> String? in
            let cells = row.split(separator: "|").map { $0.filter { $0 != "`" && $0 != " " } }
            guard cells.count >= 2, ["counter", "gauge", "histogram"].contains(cells[1]) else { return nil }
            return "\(cells[0]) \(cells[1]) \(cells.count > 2 ? cells[2] : "")"
        }
        let present = Metric.all.map { "\($0.name) \($0.kind.rawValue) \($0.labels.joined(separator: ","))" }
        #expect(documented == present)
    }

    @Test func scrapesHaveTheFormOfPrometheus() {
        var page = Exposition()
        var histogram = Histogram()
        for microseconds in [500, 1_000, 7_000, 9_000_000] as [Int64] { histogram.add(microseconds: microseconds) }
        page.histogram(.commitSeconds, histogram)
        page.family(.objects, [(["a\"b"], "1")])
        #expect(
            page.text == """
                # HELP reconcile_store_commit_seconds From a write to the disk's answer.
                # TYPE reconcile_store_commit_seconds histogram
                reconcile_store_commit_seconds_bucket{le="0.001"} 2
                reconcile_store_commit_seconds_bucket{le="0.005"} 2
                reconcile_store_commit_seconds_bucket{le="0.01"} 3
                reconcile_store_commit_seconds_bucket{le="0.05"} 3
                reconcile_store_commit_seconds_bucket{le="0.1"} 3
                reconcile_store_commit_seconds_bucket{le="0.5"} 3
                reconcile_store_commit_seconds_bucket{le="1.0"} 3
                reconcile_store_commit_seconds_bucket{le="5.0"} 3
                reconcile_store_commit_seconds_bucket{le="+Inf"} 4
                reconcile_store_commit_seconds_sum 9.0085
                reconcile_store_commit_seconds_count 4
                # HELP reconcile_objects Objects in the store.
                # TYPE reconcile_objects gauge
                reconcile_objects{kind="a\\"b"} 1

                """)
    }
}
