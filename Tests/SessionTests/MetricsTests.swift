import Engine
import Kernel
import Model
import Storage
import Testing
import WorkerProtocol

@testable import reconcile

/// A metric that is documented is in a scrape, with the labels that the page says, and the other way round.
struct MetricsTests {
    private static func readme() throws -> String {
        let parts = Session.directory.split(separator: "/", omittingEmptySubsequences: false)
        let path = parts.dropLast(2).joined(separator: "/") + "/README.md"
        return String(decoding: try #require(try Files.read(path, limit: 4 << 20)), as: UTF8.self)
    }

    @Test func readmeHasTheTableOfMetrics() throws {
        let rows = try Self.readme().split(separator: "\n").filter { $0.hasPrefix("| `") && $0.hasSuffix("|") }
        let documented = rows.compactMap { row -> String? in
            let cells = row.split(separator: "|").map { $0.filter { $0 != "`" && $0 != " " } }
            guard cells.count >= 2, ["counter", "gauge", "histogram"].contains(cells[1]) else { return nil }
            return "\(cells[0]) \(cells[1]) \(cells.count > 2 ? cells[2] : "")"
        }
        let present = Metric.all.map { "\($0.name) \($0.kind.rawValue) \($0.labels.joined(separator: ","))" }
        #expect(documented == present)
    }

    private func scrape() async throws -> [Substring] {
        let meter = LoopMeter()
        meter.stopwatch.decided(.task, LoopMeter.now, true)
        _ = await meter.call(.create) { () }
        meter.request(.renew, 401)
        let page = MetricsPage(
            store: MemoryStore(), writes: .init(), figures: nil, measured: meter.measured, isLeading: true,
            fullness: (0.25, 0.5))
        return try await page.text().split(separator: "\n")
    }

    @Test func aScrapeHasEveryRowOfTheTableAndNothingElse() async throws {
        let lines = try await scrape()
        #expect(
            lines.filter { $0.hasPrefix("# TYPE ") } == Metric.all.map { "# TYPE \($0.name) \($0.kind.rawValue)" })
        #expect(lines.filter { $0.hasPrefix("# HELP ") } == Metric.all.map { "# HELP \($0.name) \($0.help)" })
        for line in lines where !line.hasPrefix("#") {
            let name = line.prefix { $0 != "{" && $0 != " " }
            let metric = try #require(
                Metric.all.first { metric in
                    metric.name == name
                        || metric.kind == .histogram
                            && ["_bucket", "_sum", "_count"].contains { metric.name + $0 == name }
                }, "\(line)")
            let labels = line.matches(of: /(\w+)="/).map { String($0.output.1) }.filter { $0 != "le" }
            #expect(labels == metric.labels, "\(line)")
        }
        #expect(lines.contains(#"controller_runtime_reconcile_total{controller="task",result="requeue_after"} 1"#))
        #expect(lines.contains(#"reconcile_provider_calls_total{verb="create",result="success"} 1"#))
        #expect(lines.contains(#"reconcile_gateway_requests_total{route="renew",code="401"} 1"#))
        #expect(lines.contains(#"reconcile_store_fullness_ratio{of="namespace"} 0.5"#))
    }

    @Test func scrapesHaveTheFormOfPrometheus() {
        var page = Exposition()
        var histogram = Histogram()
        for nanoseconds in [5_000, 10_000, 7_000_000, 90_000_000_000] as [Int64] {
            histogram.add(nanoseconds: nanoseconds)
        }
        page.histogram(.commitSeconds, histogram)
        page.family(.objects, [(["a\"b"], "1")])
        #expect(
            page.text == """
                # HELP reconcile_store_commit_seconds From a write to the disk's answer.
                # TYPE reconcile_store_commit_seconds histogram
                reconcile_store_commit_seconds_bucket{le="0.00001"} 2
                reconcile_store_commit_seconds_bucket{le="0.00005"} 2
                reconcile_store_commit_seconds_bucket{le="0.0001"} 2
                reconcile_store_commit_seconds_bucket{le="0.0005"} 2
                reconcile_store_commit_seconds_bucket{le="0.001"} 2
                reconcile_store_commit_seconds_bucket{le="0.005"} 2
                reconcile_store_commit_seconds_bucket{le="0.01"} 3
                reconcile_store_commit_seconds_bucket{le="0.05"} 3
                reconcile_store_commit_seconds_bucket{le="0.1"} 3
                reconcile_store_commit_seconds_bucket{le="0.5"} 3
                reconcile_store_commit_seconds_bucket{le="1"} 3
                reconcile_store_commit_seconds_bucket{le="5"} 3
                reconcile_store_commit_seconds_bucket{le="30"} 3
                reconcile_store_commit_seconds_bucket{le="+Inf"} 4
                reconcile_store_commit_seconds_sum 90.007015
                reconcile_store_commit_seconds_count 4
                # HELP reconcile_objects Objects in the store.
                # TYPE reconcile_objects gauge
                reconcile_objects{kind="a\\"b"} 1

                """)
    }
}
