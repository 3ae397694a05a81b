import Kernel
import Model
import Text

/// Tells a CI system what happened, in its own ways: annotations at the lines of manifests, a summary page, outputs for
/// later steps, JUnit.
struct Pipeline: Sendable {
    let system: PipelineSystem
    private let console: Console

    /// GitHub shows ten annotations a step; the tenth says how many more there are.
    private static let mostAnnotations = 9

    init(_ system: PipelineSystem, _ console: Console) {
        self.system = system
        self.console = console
    }

    func annotate(_ issues: [ManifestIssue]) {
        guard system == .github, !issues.isEmpty else { return }
        for issue in issues.prefix(Self.mostAnnotations) {
            let file = Encoded<AnnotationProperty>(issue.file)
            let message = Encoded<Annotation>(issue.message)
            console.output.line("::error file=\(file),line=\(issue.line),col=\(issue.column)::\(message)")
        }
        let more = issues.count - Self.mostAnnotations
        if more > 0 { console.output.line("::error ::\(more) more errors in manifests") }
    }

    func summarise(_ report: PlanReport) {
        append("GITHUB_STEP_SUMMARY", "### Reconcile plan\n\n" + Encoded<Markdown>(block: PlanText.render(report)).text)
        append(
            "GITHUB_OUTPUT",
            "to-add=\(report.count(.create) + report.count(.replace))\nto-change=\(report.count(.update))\n"
                + "to-destroy=\(report.count(.delete) + report.count(.replace))\n")
    }

    func finish(_ summary: RunSummary, _ exit: Exit, changed: Int, junit: String?) throws {
        if system == .github, exit != .done {
            let problems = summary.problems
            for problem in problems.prefix(Self.mostAnnotations) {
                console.output.line("::error ::\(Encoded<Annotation>(problem))")
            }
            let more = problems.count - Self.mostAnnotations
            if more > 0 { console.output.line("::error ::\(more) more problems") }
        }
        append("GITHUB_STEP_SUMMARY", RunMarkdown.text(summary).text)
        append(
            "GITHUB_OUTPUT",
            "exit-code=\(exit.rawValue)\nchanged=\(changed)\ntasks=\(summary.board.tasks.count)\n"
                + "succeeded=\(summary.board.tasks.count { $0.phase == .succeeded })\ncost=\(summary.board.cost.decimal)\n"
        )
        guard let junit else { return }
        do throws(SystemError) {
            try Files.replace(junit, Array(JUnit.text(summary).text.utf8))
        } catch {
            throw CommandError(.failed, "\(junit): can't be written: \(error.reason)")
        }
    }

    /// Adds to the file that GitHub names in its environment; a file that can't be written is only reported.
    private func append(_ variable: String, _ text: String) {
        guard system == .github, let path = console.environment[variable], !path.isEmpty else { return }
        do throws(SystemError) {
            try Descriptor.open(path, [.write, .create, .append]).writeAll(Array(text.utf8))
        } catch {
            console.errors.line("Warning: \(variable) \(path) can't be written: \(error.reason)")
        }
    }
}
