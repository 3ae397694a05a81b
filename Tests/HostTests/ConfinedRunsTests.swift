import Glibc
import Host
import Kernel
import Model
import Ports
import ProcessKit
import Testing

@testable import Host

/// Confined attempts over a real kernel; the long list of what is refused is tried on a whole controller.
@Suite(.timeLimit(.minutes(2)))
struct ConfinedRunsTests {
    static let isPossible = Confinement.Support.here.abi > 0

    private func runs(_ change: (inout TaskConfinement) -> Void = { _ in }) throws -> (Runs, Scratch) {
        let scratch = try Scratch()
        var confinement = TaskConfinement()
        confinement.readable = SystemPlaces.find()
        change(&confinement)
        return (try Runs(scratch: scratch, confinement: confinement), scratch)
    }

    @Test(
        "a confined task has its own directories and nothing beside them",
        .enabled(if: isPossible, "this kernel has no Landlock: tasks are not confined here"))
    func own() async throws {
        let (runs, scratch) = try runs()
        try Files.replace(scratch.path + "/secret", Array("s".utf8))
        let order = Runs.order(
            """
            echo a=1 > "$RECONCILE_OUTPUT"; echo x > file && echo x > "$TMPDIR/file" && echo mine
            cat \(scratch.path)/secret || echo refused
            cat ../../log || echo refused
            echo x > ../../status || echo refused
            kill -9 $PPID || echo refused
            """)
        let end = await runs.run(order)
        #expect(end?.reason == .completed, "\(end?.message ?? "")")
        #expect(end?.outputs == ["a": "1"])
        let lines = try runs.log(order.name).split(separator: "\n").map(String.init)
        #expect(lines.contains("mine"))
        let refused = lines.count { $0 == "refused" }
        #expect(refused == (Confinement.Support.here.scopesSignals ? 4 : 3), "\(lines)")
    }

    @Test(
        "what its region allows is allowed, but never what is hidden",
        .enabled(if: isPossible, "this kernel has no Landlock: tasks are not confined here"))
    func allowed() async throws {
        let scratch = try Scratch()
        for name in ["open", "closed"] { try Files.makeDirectory("\(scratch.path)/\(name)") }
        try Files.replace(scratch.path + "/closed/secret", Array("s".utf8))
        var confinement = TaskConfinement()
        confinement.readable = SystemPlaces.find()
        confinement.writable = [scratch.path]
        confinement.hidden = [scratch.path + "/closed", scratch.path + "/attempts"]
        let runs = try Runs(scratch: scratch, confinement: confinement)
        let order = Runs.order(
            """
            echo x > \(scratch.path)/open/new && echo written
            cat \(scratch.path)/closed/secret || echo refused
            echo x > \(scratch.path)/closed/secret || echo refused
            echo y > file && echo mine
            """)
        let end = await runs.run(order)
        #expect(end?.reason == .completed, "\(end?.message ?? "")")
        let lines = try runs.log(order.name).split(separator: "\n").map(String.init)
        #expect(
            lines.filter { ["written", "refused", "mine"].contains($0) } == ["written", "refused", "refused", "mine"])
        #expect(try Files.read(scratch.path + "/closed/secret", limit: 10) == Array("s".utf8))
    }

    @Test(
        "confinement takes next to no processor time a task",
        .enabled(if: isPossible, "this kernel has no Landlock: tasks are not confined here"))
    func price() throws {
        let scratch = try Scratch()
        let readable = Array(Set(SystemPlaces.find().map(Confinement.real)))
        let confinement = Confinement(readable: readable, writable: ["/tmp"], own: [scratch.path])
        var times: [Int64] = []
        for _ in 0..<100 {
            let spent = PosixThread.run { () -> Int64 in
                let before = Self.threadTime
                do { try confinement.apply() } catch { return -1 }
                return Self.threadTime - before
            }
            times.append(spent ?? -1)
        }
        times.sort()
        #expect(times.first ?? -1 > 0, "it was applied each time")
        let median = times[times.count / 2]
        print(
            "confinement: median \(median / 1000) µs of a thread's processor time, 90th percentile \(times[90] / 1000) µs"
        )
        // About half a millisecond on a quiet machine; this one may be busy and slow.
        #expect(median < 5_000_000)
    }

    private static var threadTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
