import NIOCore

/// Runs the tasks of a connection where its bytes are read and written: a request then crosses no threads but for the
/// disk.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

func onLoop(of channel: any Channel, _ body: () async -> Void) async {
    await withTaskExecutorPreference(LoopExecutor(channel.eventLoop)) { await body() }
}
