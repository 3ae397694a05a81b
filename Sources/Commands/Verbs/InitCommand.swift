import ArgumentParser
import Kernel
import Text

struct InitCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes a first manifest, with comments, into a directory.",
        discussion: "A file that is there already is left as it is.\n\n\(Exit.common)")

    @Argument(help: ArgumentHelp("The directory; the present one if not given.", valueName: "dir")) var directory = "."
    @OptionGroup var global: GlobalArguments

    private static let name = "reconcile.yaml"

    func perform(_ context: Context) async throws -> Exit {
        let path = directory == "." ? Self.name : "\(directory)/\(Self.name)"
        guard !Files.exists(path) else {
            throw CommandError(
                .failed, "\(path) is there already", next: "Name another directory, or take it away first.")
        }
        do throws(SystemError) {
            try Files.makeDirectories(directory)
            try Files.replace(path, Array(Self.manifest.utf8))
        } catch {
            throw CommandError(.failed, "\(path): can't be written: \(error.reason)")
        }
        context.output.line("\(path) written")
        context.hint("Next: reconcile plan -f \(path), then reconcile --once -f \(path) --local --wait")
        return .done
    }

    /// One region, one pool, one plan: what every manifest has, and nothing else.
    static let manifest = """
        # Where work may run. This machine is one place; others have provider docker, with the engine's address.
        apiVersion: reconcile.dev/v1alpha1
        kind: Region
        metadata: {name: this-machine}
        spec:
          provider: {local: {}}
        ---
        # The workers to keep there. Here each is a process, started when there is work.
        apiVersion: reconcile.dev/v1alpha1
        kind: WorkerPool
        metadata: {name: hands}
        spec:
          region: this-machine
          minWorkers: 0
          maxWorkers: 2
          worker:
            type: Local
            maxConcurrentTasks: 2            # tasks that one worker runs at once
        ---
        # The work: tasks, and what each waits for.
        apiVersion: reconcile.dev/v1alpha1
        kind: ExecutionPlan
        metadata: {name: first}
        spec:
          regions:
            - region: this-machine
              pool: hands
              tasks:
                - name: greet
                  run:
                    command: [sh, -c, 'echo "Hello from $RECONCILE_REGION"; echo WORD=hello >> "$RECONCILE_OUTPUT"']
                  outputs: [WORD]            # what it hands on, as NAME=value lines in $RECONCILE_OUTPUT
                - name: answer
                  dependsOn: [greet]
                  run:
                    env: [{name: WORD, value: "${tasks.greet.outputs.WORD}"}]
                    command: [sh, -c, 'echo "greet said $WORD"']
          faultTolerance:
            retry: {limit: 2}                # a task that fails is run again so often

        """
}
