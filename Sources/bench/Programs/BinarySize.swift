import Kernel

/// What the release program weighs without its symbols, and whose code that is.
enum BinarySize {
    private static let shown = 12

    static func measure(_ workshop: Workshop) throws -> [Row] {
        let reconcile = try workshop.program("reconcile")
        let stripped = workshop.directory + "/stripped"
        _ = try Tool.check(["/usr/bin/strip", "-o", stripped, reconcile])
        let sections = try Tool.check(["/usr/bin/size", "-A", stripped]).output.split(separator: "\n").compactMap(
            section
        )
        .sorted { $0.bytes > $1.bytes }.prefix(5).map { "\($0.name) \(mebibytes($0.bytes))" }
        let whole = try Descriptor.open(reconcile, .read).size()
        let bare = try Descriptor.open(stripped, .read).size()
        let symbols = try SymbolSizes(nm: Tool.check(["/usr/bin/nm", "--print-size", reconcile]).output)
        var rows = [
            Row(
                name: "release binary, stripped", value: Double(bare) / 1_048_576, unit: .mebibytes,
                beside: "with symbols \(mebibytes(whole)) MiB; MiB in sections: \(sections.joined(separator: ", "))")
        ]
        for (module, bytes) in symbols.largest.prefix(shown) {
            rows.append(
                Row(name: "  of it code and data of \(module)", value: Double(bytes) / 1_048_576, unit: .mebibytes))
        }
        return rows
    }

    private static func mebibytes(_ bytes: Int) -> String { short(Double(bytes) / 1_048_576) }

    /// `.text  123456  4096`, a line of `size -A`.
    private static func section(_ line: Substring) -> (name: String, bytes: Int)? {
        let fields = line.split(separator: " ")
        guard fields.count == 3, fields[0].hasPrefix("."), let bytes = Int(fields[1]) else { return nil }
        return (String(fields[0]), bytes)
    }
}
