import Glibc
import Kernel

/// The body of the hidden verb `guard`: one small single-threaded process around each attempt. It leads a session of
/// its own, starts the task in its own group, collects its output, and sees to it that the task and everything it
/// started are gone when the task ends, when the agent says so, when the agent dies, and, for exclusive attempts, when
/// the lease is not renewed. It ends only when all of that is gone: who holds what it inherited (locks) knows that it
/// is so.
package enum GuardMain {
    private static let usage =
        "guard: started by the agent for each task, with its order on a descriptor, or behind --door SOCKET; not for use by hand\n"

    /// Returns the exit code for the process: 0 whenever there was an order, whatever became of the task.
    package static func run(_ arguments: [String] = CommandLine.arguments) -> Int32 {
        // The order holds secrets, and the task may be the same user.
        do throws(SystemError) { try ProcessIdentity.forbidInspection() } catch {
            complain("guard: \(error)\n")
            return 71
        }
        let papers: GuardPapers
        do { papers = try GuardPapers.take(arguments) } catch {
            complain(usage)
            return 64
        }
        // What it was given may hold secrets, and its files are nobody else's; what tasks get is what a login gives.
        ResourceLimit.forbidCoreDumps()
        ResourceLimit.setFileMask(0o022)
        do throws(SystemError) {
            try Children.adoptOrphans()
            var loop = try GuardLoop(papers)
            loop.run()
            return 0
        } catch {
            // Nothing was started. The agent sees the channel close without a report and says so.
            complain("guard: \(error)\n")
            return 71
        }
    }

    private static func complain(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
