import Text

/// A run as a page of GitHub's Markdown.
enum RunMarkdown {
    static func text(_ summary: RunSummary) -> Encoded<Markdown> {
        var text: Encoded<Markdown> = "### Reconcile\n\n"
        for plan in summary.board.plans { text += "\(summary.headline(plan, Paint(false)).text)\n\n" }
        if !summary.board.tasks.isEmpty { text += table(summary.taskTable) + "\n" }
        if !summary.board.points.isEmpty { text += table(summary.pointTable) + "\n" }
        for problem in summary.problems { text += "- \(problem)\n" }
        if !summary.board.tasks.isEmpty { text += "\n\(summary.total)\n" }
        return text
    }

    static func table(_ table: TextTable) -> Encoded<Markdown> {
        var text = row(table.headers)
        let rules = table.headers.indices.map { index -> Encoded<Markdown> in
            table.rightAligned.contains(index) ? " ---: |" : " --- |"
        }
        text += "|" + rules.joined(separator: "") + "\n"
        for cells in table.rows { text += row(cells.map(\.text)) }
        return text
    }

    private static func row(_ cells: [String]) -> Encoded<Markdown> {
        "| " + cells.map { Encoded<Markdown>($0) }.joined(separator: " | ") + " |\n"
    }
}
