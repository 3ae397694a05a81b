import Model
import Text
import Tree

/// A page about one object: labelled values, sections and tables, at most 100 columns wide.
struct Description {
    static let standardWidth = 100
    private static let labelWidth = 18

    /// Columns of the page.
    let width: Int

    let paint: Paint
    let now: Timestamp
    private(set) var lines: [TerminalText] = []
    private var indent = 0

    init(paint: Paint, now: Timestamp, width: Int? = nil) {
        self.paint = paint
        self.width = min(width ?? Self.standardWidth, Self.standardWidth)
        self.now = now
    }

    var text: TerminalText { lines.lines() }

    /// `Label:   value`, wrapped under the value; nothing where there is no value.
    mutating func field(_ label: String, _ value: String?, colour: Paint.Colour? = nil) {
        guard let value, !value.isEmpty else { return }
        let lead = String(repeating: " ", count: indent)
        let room = max(20, width - Self.labelWidth)
        let label = (lead + label + ":").padded(to: Self.labelWidth - 1) + " "
        for (index, line) in Self.folded(value, room).enumerated() {
            let start = index == 0 ? label : String(repeating: " ", count: label.count)
            lines.append("\(start)\(paint(colour, line))")
        }
    }

    /// Text of several lines stays as it was written; of one line it is folded.
    private static func folded(_ value: String, _ room: Int) -> [String] {
        let written = value.split(separator: "\n", omittingEmptySubsequences: false)
        guard written.count > 1 else { return Terminal.encode(value).wrapped(to: room) }
        return (written.last == "" ? written.dropLast() : written).map { Terminal.encode(String($0)) }
    }

    /// A word of state in its colour, with a sentence behind it.
    mutating func state(_ label: String, _ word: String?, _ sentence: String? = nil) {
        guard let word, !word.isEmpty else { return }
        guard let sentence, !sentence.isEmpty, sentence != word else {
            return field(label, word, colour: .of(state: word))
        }
        guard paint.isOn, word.count + sentence.count + 2 < width - Self.labelWidth else {
            return field(label, "\(word): \(sentence)")
        }
        let label = (String(repeating: " ", count: indent) + label + ":").padded(to: Self.labelWidth - 1) + " "
        lines.append("\(label)\(paint(.of(state: word), word)): \(sentence)")
    }

    /// Several values under one label, a line each.
    mutating func list(_ label: String, _ values: [String], none: String? = nil) {
        guard !values.isEmpty else { return field(label, none) }
        field(label, values[0])
        for value in values.dropFirst() {
            for line in Self.folded(value, max(20, width - Self.labelWidth)) {
                lines.append("\(String(repeating: " ", count: Self.labelWidth))\(line)")
            }
        }
    }

    mutating func section(_ title: String, _ body: (inout Description) -> Void) {
        let before = lines.count
        lines.append("\(String(repeating: " ", count: indent))\(paint(.bold, title + ":"))")
        indent += 2
        body(&self)
        indent -= 2
        // A title with nothing under it says nothing.
        if lines.count == before + 1 { lines.removeLast() }
    }

    mutating func table(_ title: String, _ table: TextTable) {
        guard !table.rows.isEmpty else { return }
        section(title) { page in
            page.lines += table.wrappedLines(page.paint, indent: page.indent, width: page.width)
        }
    }

    mutating func line(_ text: String) {
        let lead = String(repeating: " ", count: indent)
        lines += Terminal.encode(text).wrapped(to: width - indent).map { "\(lead)\($0)" }
    }

    /// As it is, at the present indent, whatever its length.
    mutating func raw(_ text: String) {
        lines.append("\(String(repeating: " ", count: indent))\(text)")
    }

    func age(_ time: Timestamp?) -> String { CellText.age(time, now) }

    /// `2026-11-23T18:05:09Z (5m ago)`
    func moment(_ time: Timestamp?) -> String? {
        guard let time else { return nil }
        let distance = now - time
        return distance < .zero
            ? "\(time.wholeSeconds) (in \((time - now).age))" : "\(time.wholeSeconds) (\(distance.age) ago)"
    }
}
