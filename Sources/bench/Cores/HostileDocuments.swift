import Apply
import Documents
import Glibc
import Kernel
import Model
import Tree

/// Documents of 1 MiB that were written to cost as much as they can: each has to be taken or refused within 100 ms of
/// computing and 64 MiB (S13). Every one is decided in a process of its own, so that none finds memory that another has
/// left.
enum HostileDocuments {
    private static let size = 1 << 20

    static func measure(_ workshop: Workshop) throws -> [Row] {
        let reconcile = try workshop.program("reconcile")
        var slowest = (name: "", milliseconds: 0.0, whole: 0.0)
        var largest = (name: "", mebibytes: 0.0)
        for (name, make) in cases {
            let fields = try Tool.check([Files.target(of: "/proc/self/exe"), "--document", name]).output
                .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
            guard fields.count == 2 else { throw Unmeasurable("the document \"\(name)\" was not decided") }
            let path = "\(workshop.directory)/document.\(name.hasPrefix("JSON") ? "json" : "yaml")"
            try Files.replace(path, make())
            let whole = try Tool.run([reconcile, "validate", "-f", path]).cpu * 1000
            if fields[0] >= slowest.milliseconds { slowest = (name, fields[0], whole) }
            if fields[1] >= largest.mebibytes { largest = (name, fields[1]) }
        }
        return [
            Row(
                name: "1 MiB document decided, worst of \(cases.count)", value: slowest.milliseconds,
                unit: .milliseconds,
                gate: 100, wish: .less,
                beside: "\(slowest.name); `reconcile validate` in all \(short(slowest.whole)) ms"),
            Row(
                name: "1 MiB document, memory, worst of \(cases.count)", value: largest.mebibytes, unit: .mebibytes,
                gate: 64,
                wish: .less, beside: largest.name),
        ]
    }

    /// Decides one here and prints what that took: milliseconds, mebibytes.
    static func decide(_ name: String) throws -> Bool {
        guard let make = cases.first(where: { $0.name == name })?.make else {
            throw Unmeasurable("there is no document \"\(name)\"")
        }
        let bytes = make()
        let before = memory("VmRSS:")
        let (seconds, isTaken) = Stopwatch.cpu { isValid(bytes) }
        withExtendedLifetime(isTaken) {}
        print(seconds * 1000, Double(memory("VmHWM:") - before) / 1024)
        return true
    }

    private static func isValid(_ bytes: [UInt8]) -> Bool {
        do {
            for document in try Documents.parse(bytes) {
                let kind = Kind(rawValue: document.tree["kind"]?.string ?? "") ?? .executionPlan
                let context = WriteContext(now: Timestamp(milliseconds: 0), manager: "bench")
                _ = try Admission(kind).prepareCreate(document.tree, uid: "made", context)
            }
            return true
        } catch { return false }
    }

    /// Kibibytes, out of /proc/self/status.
    private static func memory(_ name: String) -> Int { ProcessMemory.kibibytes(name, of: getpid()) ?? 0 }

    // MARK: The documents

    private static let head =
        "apiVersion: reconcile.dev/v1alpha1\nkind: ExecutionPlan\nmetadata: {name: plan, namespace: bench}\nspec:\n"

    private static let metadata =
        "apiVersion: reconcile.dev/v1alpha1\nkind: ExecutionPlan\nmetadata:\n  name: plan\n  namespace: bench\n  annotations:\n"

    private static let cases: [(name: String, make: @Sendable () -> [UInt8])] = [
        ("brackets", { Array(repeating: UInt8(ascii: "["), count: size) }),
        ("brackets of YAML", { filled("a: ", "[", "") }),
        ("many small scalars", { filled(head + "  x:\n", "  - a\n", "") }),
        ("unknown fields", { numbered(head, { "  k\($0): 1\n" }, "") }),
        ("annotations", { numbered(metadata, { "    k\($0): v\n" }, "") }),
        (
            "tasks",
            {
                numbered(
                    head + "  regions:\n  - region: r\n    tasks:\n", { "    - {name: t\($0), run: {command: [a]}}\n" },
                    "")
            }
        ),
        ("tasks in a chain", { chain() }),
        (
            "wrong types",
            {
                numbered(
                    head + "  regions:\n  - region: r\n    tasks:\n", { "    - {name: [\($0)], priority: x}\n" }, "")
            }
        ),
        ("one long string", { filled(head + "  title: ", "x", "\n") }),
        ("one string of escapes", { filled(head + "  title: \"", "\\u00e9", "\"\n") }),
        ("aliases", { aliases() }),
        ("anchors", { numbered(head + "  x:\n", { "  - &a\($0) b\n" }, "") }),
        ("comments", { filled(head, "# nothing\n", "  suspend: true\n") }),
        ("documents", { filled("", "---\na: 1\n", "") }),
        ("JSON members", { numbered("{\"kind\":\"ExecutionPlan\"", { ",\"k\($0)\":1" }, "}") }),
        ("JSON numbers", { filled("{\"a\":[1", ",1e9", "]}") }),
        ("JSON brackets", { filled("{\"a\":", "[", "") }),
    ]

    private static func filled(_ start: String, _ piece: String, _ end: String) -> [UInt8] {
        numbered(start, { _ in piece }, end)
    }

    private static func numbered(_ start: String, _ piece: (Int) -> String, _ end: String) -> [UInt8] {
        var bytes = Array(start.utf8)
        let limit = size - end.utf8.count
        var index = 0
        while true {
            let next = piece(index).utf8
            guard bytes.count + next.count <= limit else { break }
            bytes += next
            index += 1
        }
        return bytes + Array(end.utf8)
    }

    /// Every task after the one before it: the longest walk that the search for cycles can be sent on.
    private static func chain() -> [UInt8] {
        numbered(
            head + "  regions:\n  - region: r\n    tasks:\n    - {name: t, run: {command: [a]}}\n",
            { "    - {name: t\($0), run: {command: [a]}, dependsOn: [t\($0 == 0 ? "" : String($0 - 1))]}\n" }, "")
    }

    private static func aliases() -> [UInt8] {
        var text = head + "  a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let before = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "  a\(level): &a\(level) [\(before)]\n"
        }
        return filled(text, "# nothing\n", "")
    }
}
