import Documents
import Glibc
import Kernel
import Model

/// The event loop of a guard: gathers what happened, asks `GuardCore`, and signals. The kernel is its other side.
struct GuardLoop {
    private let papers: GuardPapers
    private var order: GuardOrder { papers.order }
    private var channel: Descriptor?
    private var output: Descriptor?
    private let signals: SignalDescriptor
    private let timer: BootTimer
    private var core: GuardCore
    private var log: AttemptLog
    private var lines = LineBuffer(limit: 256)
    private var status = GuardStatus()
    private var leader: ProcessIdentity?
    private var everythingIsGone = false
    /// By its agent, or because that is gone: a signal that comes then is no news.
    private var isToldToEnd = false

    private static let pieceBytes = 32 << 10

    init(_ papers: GuardPapers) throws(SystemError) {
        self.papers = papers
        channel = papers.channel
        let order = papers.order
        signals = try SignalDescriptor([SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE])
        timer = try BootTimer()
        if let file = papers.log {
            log = AttemptLog(file, limit: order.logLimit)
        } else {
            log = try AttemptLog("\(order.directory)/log", limit: order.logLimit)
        }
        let now = Instant(nanoseconds: BootClock.nanoseconds)
        core = GuardCore(
            killGrace: order.killGrace, lease: order.lease,
            leaseFrom: order.leaseFrom.map { Instant(nanoseconds: Int64($0)) } ?? now)
    }

    mutating func run() {
        guard start() else { return end() }
        do throws(SystemError) {
            while !everythingIsGone { try step() }
        } catch {
            status.note = "the guard failed and killed the task: \(error)"
            killEverything()
        }
        // All writers are gone: what is left in the pipe is all there will be.
        while readOutput() {}
        end()
    }

    private mutating func step() throws(SystemError) {
        try timer.set([core.deadline, log.due].compactMap { $0 }.min()?.nanoseconds)
        let ready = try Poll.wait([channel, signals.descriptor, output, timer.descriptor])
        if ready[1] { try readSignals() }
        if ready[0] { readChannel() }
        if ready[2] { readOutput() }
        log.show(at: Instant(nanoseconds: BootClock.nanoseconds))
        apply(.tick)
        reap()
    }

    /// False if it can't be started; the status says why.
    private mutating func start() -> Bool {
        do {
            let pipe = try Descriptor.pipe()
            try pipe.read.setNonBlocking()
            let start = TaskStart(order: order)
            let request = try start.request(pipe.write)
            guard core.mayStart(now: Instant(nanoseconds: BootClock.nanoseconds)) else {
                status.failure = "not started: its lease ran out before, and it is exclusive"
                return false
            }
            let pid = try start.spawn(request)
            output = pipe.read
            leader = ProcessIdentity(pid: pid)
            status.pid = Int(pid)
            status.startedAt = Self.wallTime
            report()
            return true
        } catch let refused as TaskStart.Refused {
            status.failure = refused.message
        } catch {
            status.failure = "\(error)"
            status.isWorkersFailure = (error as? SystemError)?.isExhaustion ?? false
        }
        return false
    }

    private mutating func end() {
        log.finish()
        status.finishedAt = Self.wallTime
        if order.image != nil, status.exitCode != 0, MemoryLimit.wasExceeded {
            status.note = "its container used more than its memory; give the task more in requires.memory"
        }
        if let failure = log.failure, status.note == nil { status.note = "the log is incomplete: \(failure)" }
        report()
    }

    /// To the directory first: what the agent was told can be read there too.
    private func report() {
        let bytes = JSON.encode(status.tree) + [UInt8(ascii: "\n")]
        // try?: a full disk must not end the guard; the agent hears it below.
        if !order.directory.isEmpty { try? Files.replace("\(order.directory)/status", bytes) }
        _ = channel?.send(bytes)
    }

    private static var wallTime: Timestamp { Timestamp(milliseconds: BootClock.wallNanoseconds / 1_000_000) }
}

extension GuardLoop {
    private mutating func readSignals() throws(SystemError) {
        for signal in try signals.take() where [SIGTERM, SIGINT, SIGHUP].contains(signal) {
            // An agent speaks through the channel. Who sends a signal is somebody else: an administrator, an engine.
            if status.outsideSignal == nil, status.exitCode == nil, status.signal == nil, !isToldToEnd {
                status.outsideSignal = Int(signal)
            }
            apply(.command(.terminate))
        }
    }

    private mutating func readChannel() {
        // try?: a channel that can't be read has lost its agent.
        guard let channel, case .bytes(let bytes)? = try? channel.read(upTo: 4096) else {
            self.channel = nil
            isToldToEnd = true
            apply(.agentGone)
            return
        }
        for line in lines.feed(bytes) {
            guard let command = GuardCommand(line: line) else { continue }
            if command == .terminate || command == .kill { isToldToEnd = true }
            apply(.command(command))
        }
    }

    /// False when there is nothing more for now.
    @discardableResult
    private mutating func readOutput() -> Bool {
        // try?: an output that can't be read has ended.
        switch try? output?.read(upTo: Self.pieceBytes) {
        case .bytes(let bytes):
            log.append(bytes, at: Instant(nanoseconds: BootClock.nanoseconds))
            return true
        case .nothing:
            return false
        case .end, nil:
            output = nil
            return false
        }
    }

    /// What has ended is taken first: where nothing else lives, which is the usual end, nobody has to be looked for.
    private mutating func reap() {
        var leaderEnded = false
        while true {
            switch Children.takeAny() {
            case .ended(let pid, let exit):
                guard pid == leader?.pid, status.exitCode == nil, status.signal == nil else { continue }
                status.exitCode = exit.code
                status.signal = exit.signal
                leaderEnded = true
            case .alive:
                if leaderEnded { apply(.leaderEnded) }
                return
            case .none:
                everythingIsGone = true
                return
            }
        }
    }

    private mutating func apply(_ input: GuardCore.Input) {
        switch core.handle(input, now: Instant(nanoseconds: BootClock.nanoseconds)) {
        case .terminateAll: signalAll(SIGTERM)
        case .killAll: signalAll(SIGKILL)
        case nil: break
        }
    }

    /// Descendants and not only the group: those who left it were re-parented to this process, their subreaper.
    private func signalAll(_ signal: Int32) {
        let family = ProcessTable.descendants(of: getpid())
        // What is stopped must go on to see a SIGTERM.
        for signal in signal == SIGTERM ? [SIGTERM, SIGCONT] : [signal] {
            if let leader, family.contains(where: { $0.group == leader.pid }) { kill(-leader.pid, signal) }
            for member in family where member.group != leader?.pid {
                member.signal(signal)
            }
        }
    }

    private mutating func killEverything() {
        while !everythingIsGone {
            signalAll(SIGKILL)
            usleep(10_000)
            reap()
        }
    }
}
