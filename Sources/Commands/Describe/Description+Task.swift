import Documents
import Model
import Tree

extension Description {
    mutating func task(_ task: WorkTask) {
        let (spec, status) = (task.spec, task.status)
        field("Title", spec.title)
        field("Plan", "\(spec.plan) (task \(spec.task))")
        state("Phase", status.phase.rawValue, sentence(status))
        field("Region", spec.region ?? "any")
        field("Pool", spec.pool)
        field("Orchestrator", spec.orchestrator)
        command(spec.run.command)
        field("Image", spec.run.image)
        field("Network", spec.run.network?.rawValue)
        field("Directory", spec.run.workingDirectory)
        list(
            "Environment",
            spec.run.env.map { variable in
                let source = variable.secretRef.map { "<secret \($0.name), key \($0.key)>" }
                return "\(variable.name)=\(variable.value ?? source ?? "")"
            })
        list("Requires", spec.requires.sentences)
        field("Depends on", spec.dependsOn.joined(separator: ", "))
        field("Waits for", spec.waitFor.joined(separator: ", "))
        if spec.runWhen != .succeeded { field("Runs when", spec.runWhen.rawValue) }
        field("Timeout", spec.timeout?.text)
        field(
            "Retries",
            "\(min(status.failures, spec.retry.limit)) of \(spec.retry.limit) used\(status.retryAt.map { ", next at \($0.wholeSeconds)" } ?? "")"
        )
        if spec.exclusive { field("Exclusive", "attempts never overlap") }
        field("Attempt", "\(status.attempt) (fence \(status.fence))")
        field("Worker", status.assignment.map { "\($0.worker) in \($0.region)" })
        field("Started", moment(status.startedAt))
        field("Finished", moment(status.finishedAt))
        field("Duration", RunBoard.row(task).duration(now)?.age)
        field("Exit code", status.exitCode.map(String.init))
        field("Cost", CellText.money(status.cost))
        list("Outputs", status.outputs.keys.sorted().map { "\($0)=\(status.outputs[$0] ?? "")" })
        attempts(status.attempts)
        placement(status.placement)
        conditions(status.conditions)
    }

    /// In one line, or where one of its words has several, as a manifest has it.
    private mutating func command(_ words: [String]) {
        guard words.contains(where: { $0.contains("\n") }) else {
            return field("Command", words.isEmpty ? "its image's own" : words.joined(separator: " "))
        }
        section("Command") { page in
            for line in YAML.emit(.array(words.map { .string($0) })).split(separator: "\n") { page.raw(String(line)) }
        }
    }

    private func sentence(_ status: TaskStatus) -> String? {
        let parts = [status.reason, status.message].compactMap { $0 }.filter {
            !$0.isEmpty && $0 != status.phase.rawValue
        }
        return parts.joined(separator: ": ")
    }

    private mutating func attempts(_ attempts: [AttemptRecord]) {
        let rows = attempts.map { attempt -> [TextTable.Cell] in
            let duration = attempt.startedAt.flatMap { start in attempt.finishedAt.map { ($0 - start).age } }
            return [
                TextTable.Cell(String(attempt.attempt)), .optional(attempt.worker), .optional(attempt.region),
                .state(attempt.phase.rawValue),
                .optional(duration), .optional(attempt.exitCode.map(String.init)),
                TextTable.Cell(CellText.money(attempt.cost)),
                TextTable.Cell([attempt.reason, attempt.message ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")),
            ]
        }
        table("Attempts", TextTable(["#", "Worker", "Region", "Phase", "Duration", "Exit", "Cost", "Reason"], rows))
    }

    /// Who was chosen, who was next best, and what kept the others out.
    private mutating func placement(_ placement: PlacementRecord?) {
        guard let placement else { return }
        section("Placement") { page in
            page.field("Strategy", placement.strategy?.rawValue)
            page.field("Considered", "\(placement.considered) \(placement.considered == 1 ? "worker" : "workers")")
            if let chosen = placement.chosen {
                let score = chosen.score.map { ", score \($0)" } ?? ""
                page.field("Chosen", "\(chosen.worker)\(score)\(chosen.reason.map { ": \($0)" } ?? "")")
            }
            let counts = placement.rejections.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            page.list("Excluded", counts.map { "\($0.value) of \(placement.considered): \($0.key)" })
            let rows = placement.rejected.map {
                [TextTable.Cell($0.worker), .optional($0.score), TextTable.Cell($0.reason ?? "")]
            }
            page.table("Not chosen", TextTable(["Worker", "Score", "Reason"], rows))
        }
    }
}
