import Text

/// Aligned columns, as kubectl prints them: upper-case headers, three spaces between columns, none at the end of a
/// line.
struct TextTable: Sendable {
    struct Cell: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        /// Of one line, as a terminal shows it: what is measured is what is printed.
        let text: String
        var colour: Paint.Colour?

        init(_ text: String, _ colour: Paint.Colour? = nil) {
            self.text = Terminal.encode(text)
            self.colour = colour
        }
        init(stringLiteral text: String) { self.init(text) }

        /// A word of state in its colour.
        static func state(_ word: String) -> Cell { Cell(word, .of(state: word)) }
        /// `<none>` where there is nothing.
        static func optional(_ text: String?) -> Cell { Cell(text.flatMap { $0.isEmpty ? nil : $0 } ?? "<none>") }
    }

    var headers: [String]
    var rows: [[Cell]]
    var rightAligned: Set<Int>
    /// Columns are at least this wide: rows that follow others keep to their columns.
    var leastWidths: [Int] = []

    init(_ headers: [String], _ rows: [[Cell]] = [], rightAligned: Set<Int> = []) {
        self.headers = headers
        self.rows = rows
        self.rightAligned = rightAligned
    }

    /// The lines. Past `width` columns the last column is cut, with an ellipsis.
    func lines(_ paint: Paint = Paint(false), indent: Int = 0, width: Int? = nil, headers shown: Bool = true)
        -> [TerminalText]
    {
        let header = headers.map { Cell($0.uppercased(), .bold) }
        let all = (shown && !headers.isEmpty ? [header] : []) + rows
        let widths = shown ? widths : columnWidths(rows)
        return all.map { line($0, widths, paint, indent, width) }
    }

    /// The lines, nothing of them cut: what is too long in the last column goes on below itself or, where it would have
    /// hardly any room there, below its row. A last column that is empty throughout is left out.
    func wrappedLines(_ paint: Paint, indent: Int, width: Int) -> [TerminalText] {
        guard headers.count > 1 else { return lines(paint, indent: indent) }
        guard rows.contains(where: { $0.last?.text.isEmpty == false }) else {
            return TextTable(headers.dropLast(), rows.map { $0.dropLast() }, rightAligned: rightAligned)
                .lines(paint, indent: indent)
        }
        let used = indent + widths.dropLast().reduce(0) { $0 + $1 + 3 }
        let isNarrow = width - used < Self.leastRoom
        let room = isNarrow ? width - indent - 4 : width - used
        let start = String(repeating: " ", count: isNarrow ? indent + 4 : used)
        var all = Array(lines(paint, indent: indent).prefix(1))
        if isNarrow, used + (headers.last ?? "").count > width {
            all =
                TextTable(headers.dropLast(), rows.map { $0.dropLast() }, rightAligned: rightAligned)
                .lines(paint, indent: indent).prefix(1) + [
                    "\(start)\(paint(.bold, headers[headers.count - 1].uppercased()))"
                ]
        }
        for row in rows {
            guard let last = row.last, used + last.text.count > width else {
                all.append(line(row, widths, paint, indent, nil))
                continue
            }
            let pieces = last.text.wrapped(to: room).flatMap { $0.broken(every: room) }
            var first = row
            first[row.count - 1] = isNarrow ? "" : Cell(pieces[0], last.colour)
            all.append(line(first, widths, paint, indent, nil))
            all += pieces.dropFirst(isNarrow ? 0 : 1).map { "\(start)\(paint(last.colour, $0))" }
        }
        return all
    }

    /// Columns below which text is not wrapped into a ribbon.
    private static let leastRoom = 24

    func text(_ paint: Paint = Paint(false), indent: Int = 0, width: Int? = nil, headers shown: Bool = true)
        -> TerminalText
    {
        lines(paint, indent: indent, width: width, headers: shown).lines()
    }

    /// The width of every column, its header included.
    var widths: [Int] { columnWidths([headers.map { Cell($0) }] + rows) }

    private func columnWidths(_ all: [[Cell]]) -> [Int] {
        var widths = leastWidths
        for row in all {
            for (index, cell) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], cell.text.count)
            }
        }
        return widths
    }

    private func line(_ row: [Cell], _ widths: [Int], _ paint: Paint, _ indent: Int, _ limit: Int?) -> TerminalText {
        var line = TerminalText(String(repeating: " ", count: indent))
        var used = indent
        for (index, cell) in row.enumerated() {
            let isLast = index == row.count - 1
            var text = cell.text
            if isLast, let limit, used + text.count > limit { text = text.cut(to: max(1, limit - used)) }
            let padding = String(repeating: " ", count: max(0, widths[index] - text.count))
            let painted = paint(cell.colour, text)
            if rightAligned.contains(index) {
                line += "\(padding)\(painted)"
            } else {
                line += "\(painted)\(isLast ? "" : padding)"
            }
            if !isLast { line += "   " }
            used += widths[index] + 3
        }
        line.trimEnd()
        return line
    }
}

extension String {
    /// At most `count` characters, the last of them an ellipsis where something was cut.
    func cut(to count: Int) -> String {
        self.count <= count ? self : String(prefix(max(0, count - 1))) + "…"
    }

    /// Broken at spaces into lines of at most `width` characters; a longer word has a line of its own.
    func wrapped(to width: Int) -> [String] {
        var lines: [String] = []
        var current = ""
        for word in split(separator: " ") {
            if !current.isEmpty, current.count + 1 + word.count > width {
                lines.append(current)
                current = ""
            }
            current += current.isEmpty ? String(word) : " \(word)"
        }
        if !current.isEmpty || lines.isEmpty { lines.append(current) }
        return lines
    }

    /// In pieces of at most `count` characters, wherever that falls: for words that are longer than a line.
    func broken(every count: Int) -> [String] {
        guard self.count > count else { return [self] }
        return [String(prefix(count))] + String(dropFirst(count)).broken(every: count)
    }

    func padded(to count: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, count - self.count))
    }
}
