import Model
import Text
import Tree

/// A page about one object: labelled values, sections and tables, at most 100 columns wide.
struct Description {
    static let width = 100
    private static let labelWidth = 18

    let paint: Paint
    let now: Timestamp
    private(set) var lines: [TerminalText] = []
    private var indent = 0

    init(paint: Paint, now: Timestamp) {
        self.paint = paint
        self.now = now
    }

    var text: TerminalText { lines.lines() }

    /// `Label:   value`, wrapped under the value; nothing where there is no value.
    mutating func field(_ label: String, _ value: String?, colour: Paint.Colour? = nil) {
        guard let value, !value.isEmpty else { return }
        let lead = String(repeating: " ", count: indent)
        let width = max(20, Self.width - Self.labelWidth)
        let label = (lead + label + ":").padded(to: Self.labelWidth - 1) + " "
        for (index, line) in Terminal.encode(value).wrapped(to: width).enumerated() {
            let start = index == 0 ? label : String(repeating: " ", count: label.count)
            lines.append("\(start)\(paint(colour, line))")
        }
    }

    /// A word of state in its colour, with a sentence behind it.
    mutating func state(_ label: String, _ word: String?, _ sentence: String? = nil) {
        guard let word, !word.isEmpty else { return }
        guard let sentence, !sentence.isEmpty, sentence != word else {
            return field(label, word, colour: .of(state: word))
        }
        guard paint.isOn, word.count + sentence.count + 2 < Self.width - Self.labelWidth else {
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
            for line in Terminal.encode(value).wrapped(to: Self.width - Self.labelWidth) {
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
            page.lines += table.wrappedLines(page.paint, indent: page.indent, width: Self.width)
        }
    }

    mutating func line(_ text: String) {
        let lead = String(repeating: " ", count: indent)
        lines += Terminal.encode(text).wrapped(to: Self.width - indent).map { "\(lead)\($0)" }
    }

    /// As it is, at the present indent.
    mutating func raw(_ text: String) {
        let shown = Terminal.encode(text).cut(to: Self.width - indent)
        lines.append("\(String(repeating: " ", count: indent))\(shown)")
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
