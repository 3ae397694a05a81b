/// A run as a page of GitHub's Markdown.
enum RunMarkdown {
    static func text(_ summary: RunSummary) -> String {
        var text = "### Reconcile\n\n"
        for plan in summary.board.plans { text += summary.headline(plan, Paint(false)) + "\n\n" }
        if !summary.board.tasks.isEmpty { text += table(summary.taskTable) + "\n" }
        if !summary.board.points.isEmpty { text += table(summary.pointTable) + "\n" }
        for problem in summary.problems { text += "- \(problem)\n" }
        if !summary.board.tasks.isEmpty { text += "\n\(summary.total)\n" }
        return text
    }

    static func table(_ table: TextTable) -> String {
        var text = "| " + table.headers.joined(separator: " | ") + " |\n"
        text +=
            "|" + table.headers.indices.map { table.rightAligned.contains($0) ? " ---: |" : " --- |" }.joined() + "\n"
        for row in table.rows { text += "| " + row.map { escaped($0.text) }.joined(separator: " | ") + " |\n" }
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.map { $0 == "|" ? "\\|" : $0 == "<" ? "&lt;" : $0 == "\n" ? " " : String($0) }.joined()
    }
}
