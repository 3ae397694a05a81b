import Documents
import Glibc
import Kernel
import Model

/// The body of the hidden verb `guard`: one small single-threaded process around each attempt. It leads a session of
/// its own, starts the task in its own group, collects its output, and sees to it that the task and everything it
/// started are gone when the task ends, when the agent says so, when the agent dies, and, for exclusive attempts, when
/// the lease is not renewed. It ends only when all of that is gone: who holds what it inherited (locks) knows that it
/// is so.
package enum GuardMain {
    /// Where it finds its order, as JSON, and the socket to the agent.
    package static let orderDescriptor: Int32 = 3
    package static let channelDescriptor: Int32 = 4

    private static let orderLimit = 8 << 20
    private static let usage =
        "guard: started by the agent for each task, with its order on a descriptor; not for use by hand\n"

    /// Returns the exit code for the process: 0 whenever there was an order, whatever became of the task.
    package static func run() -> Int32 {
        let order: GuardOrder
        let channel: Descriptor
        do {
            let source = try Descriptor.inherited(orderDescriptor)
            channel = try Descriptor.inherited(channelDescriptor)
            order = try GuardOrder(tree: try JSON.parse(try source.readAll(limit: orderLimit), limits: .answer))
        } catch {
            complain(usage)
            return 64
        }
        do throws(SystemError) {
            try Children.adoptOrphans()
            var loop = try GuardLoop(order, channel)
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
