import Text

extension TextTable {
    /// Without columns for which there is no room, the rightmost first; those kept stay whatever comes. Nil: all of it.
    func fitted(to width: Int?, keeping kept: Set<Int> = [0]) -> TextTable {
        guard let width else { return self }
        let widths = widths
        var shown = Array(headers.indices)
        func used() -> Int { shown.reduce(-3) { $0 + widths[$1] + 3 } }
        while used() > width, let place = shown.lastIndex(where: { !kept.contains($0) }) { shown.remove(at: place) }
        guard shown.count < headers.count else { return self }
        let rows = rows.map { row in shown.map { row[$0] } }
        let aligned = shown.enumerated().filter { rightAligned.contains($0.element) }.map(\.offset)
        var table = TextTable(shown.map { headers[$0] }, rows, rightAligned: Set(aligned))
        if !leastWidths.isEmpty { table.leastWidths = shown.map { $0 < leastWidths.count ? leastWidths[$0] : 0 } }
        return table
    }

    /// As it is where a program may read it; in a terminal what is too long in the last column goes on below itself.
    func shown(_ paint: Paint, indent: Int = 0, width: Int?) -> [TerminalText] {
        width.map { wrappedLines(paint, indent: indent, width: $0) } ?? lines(paint, indent: indent)
    }
}
