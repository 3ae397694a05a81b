import ArgumentParser

/// The root of the command line: what `reconcile --help` says, and the verbs.
struct ReconcileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Runs work across many places at once and keeps it running.",
        usage: """
            reconcile <verb> …
            reconcile --once -f <path> … [--local] [--wait] [--timeout <span>] [--ci <system>] [--dry-run]
            """,
        discussion: """
            Manifests say what is wanted: Regions, WorkerPools, ExecutionPlans and SyncPoints. `reconcile serve` \
            runs the controllers that make it so; `reconcile --once` does it within one command, for pipelines. \
            Without a cluster the state is a directory of this machine.

            \(Exit.common)
              2  what was asked about failed or can't proceed: wait, --once
              3  timed out: wait, delete, --once
              4  a manifest is invalid, and nothing was applied
              5  converged as far as possible, and work still runs elsewhere: --once
              130, 143  interrupted, terminated
              diff: 0 no differences, 1 differences, 2 and 4 an error
              plan --detailed-exitcode: 0 nothing to change, 2 something to change
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Run", subcommands: [ServeCommand.self, OnceCommand.self]),
            CommandGroup(
                name: "Manifests",
                subcommands: [
                    ApplyCommand.self, PlanCommand.self, DiffCommand.self, ValidateCommand.self, DeleteCommand.self,
                ]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    GetCommand.self, DescribeCommand.self, LogsCommand.self, EventsCommand.self, TreeCommand.self,
                    TopCommand.self, WaitCommand.self, ReportCommand.self,
                ]),
            CommandGroup(
                name: "Change",
                subcommands: [
                    ScaleCommand.self, SuspendCommand.self, ResumeCommand.self, CancelCommand.self, RetryCommand.self,
                    ArriveCommand.self,
                    MaintenanceCommand.self,
                ]),
            CommandGroup(
                name: "Set up",
                subcommands: [
                    InitCommand.self, DoctorCommand.self, SweepCommand.self, CRDsCommand.self, ConfigCommand.self,
                    CompletionCommand.self,
                    CompleteCommand.self,
                    VersionCommand.self, WorkerCommand.self, GuardCommand.self,
                ]),
        ])

    @Flag(help: "Print the version.") var version = false
}

/// Known to help and completion only: `Program` passes its arguments on before they are parsed.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Runs the agent of one worker; started by providers.")
}

struct GuardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard", abstract: "Holds one attempt of a task; started by agents.", shouldDisplay: false)
}
