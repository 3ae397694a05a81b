import Glibc
import Host
import Kernel
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SignalSourceTests {
    @Test("Signals come as a stream, whichever thread they hit, and children are not touched by that")
    func stream() async throws {
        let source = try SignalSource([.hangUp, .terminate], watcher: try Watcher())
        var signals = source.signals.makeAsyncIterator()
        for _ in 0..<3 {
            kill(getpid(), SIGHUP)
            #expect(await signals.next() == .hangUp)
        }
        let child = try SpawnRequest(["/bin/sleep", "1000"], environment: []).spawn()
        kill(child, SIGHUP)
        #expect(try Children.wait(child) == .signalled(SIGHUP))
    }
}
