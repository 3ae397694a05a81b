import Coordinator
import Engine
import Gateway
import Model
import WorkerProtocol

/// Makes messages of the worker protocol whose every field may be anything within its bounds, drawn from a seed.
struct LieScript {
    private var random: Randomness
    private let liar: Liar

    init(seed: UInt64, liar: Liar) {
        random = Randomness(seed: seed)
        self.liar = liar
    }

    /// A message, and how to say in a failure what it was.
    mutating func next() -> ((CallID) -> CoordinatorCore.Input, String) {
        var credential = pick(5) == 0 ? House.credential(uid()) : liar.credential
        // The true credential of the other is what a liar can't know.
        if credential == House.credential(liar.other.metadata.uid) { credential = liar.credential }
        switch pick(4) {
        case 0:
            let request = RenewRequest(workerUID: uid(), incarnation: small(), number: number(), epoch: epoch())
            return ({ .renew($0, request, credential: credential) }, "\(request)")
        case 1:
            var request = liar.join
            (request.workerUID, request.bootID, request.pid) = (uid(), text(), pick(1 << 20))
            request.containerEngine = pick(2) == 0 ? text() : nil
            let token = House.hash(pick(3) == 0 ? "join \(uid())" : text())
            // The true token of the other is what a liar can't know.
            guard token != House.hash("join \(liar.other.metadata.uid)") else { return next() }
            return ({ .join($0, request, token: token) }, "\(request)")
        default:
            let request = exchange()
            return ({ .exchange($0, request, credential: credential) }, "\(request)")
        }
    }

    private mutating func exchange() -> ExchangeRequest {
        var request = ExchangeRequest()
        (request.workerUID, request.incarnation, request.number) = (uid(), small(), number())
        request.epoch = pick(8) == 0 ? epoch() : 1
        request.draining = pick(8) == 0
        request.containerEngine = pick(4) == 0 ? text() : nil
        request.holding = (0..<pick(4)).map { _ in
            Holding(taskUID: taskUID(), fence: pick(4) == 0 ? number() : 1, stopping: pick(2) == 0)
        }
        request.reports = (0..<pick(4)).map { _ in report() }
        return request
    }

    private mutating func report() -> AttemptReport {
        var report = liar.report(on: pick(2) == 0 ? liar.ownTask : liar.otherTask)
        if pick(4) == 0 { report.namespace = pick(2) == 0 ? "other" : "default" }
        if pick(4) == 0 { report.name = pick(2) == 0 ? liar.otherTask.metadata.name : text() }
        if pick(4) == 0 { report.taskUID = taskUID() }
        if pick(4) == 0 { report.attempt = number() }
        if pick(4) == 0 { report.fence = number() }
        report.sequence = number()
        report.phase = pick(2) == 0 ? .running : .ended
        if pick(4) == 0 { report.startedAt = time() }
        if pick(4) == 0 { report.finishedAt = time() }
        report.exitCode = pick(2) == 0 ? pick(2048) - 1024 : nil
        report.signal = pick(4) == 0 ? 1 + pick(255) : nil
        report.reason = Reason.allCases[pick(Reason.allCases.count)]
        if pick(4) == 0 { report.message = text() }
        if pick(4) == 0 { report.outputs = [text(): text()] }
        return report
    }

    // MARK: Values

    private mutating func pick(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }

    private mutating func number() -> Int {
        [1, 2, 3, 100, 1 << 20, 1 << 31, Int.max - 1, Int.max, 1 + pick(1 << 40)][pick(9)]
    }
    private mutating func small() -> Int { [1, 1, 1, 1, 2, 1 << 20][pick(6)] }
    private mutating func epoch() -> Int { [0, 1, 1, 1, 2, 3, 1 << 40, Int.max][pick(8)] }

    private mutating func uid() -> String {
        switch pick(8) {
        case 0: liar.other.metadata.uid
        case 1: text()
        default: liar.own.metadata.uid
        }
    }

    private mutating func taskUID() -> String {
        [liar.ownTask.metadata.uid, liar.otherTask.metadata.uid, "none", text()][pick(4)]
    }

    private mutating func time() -> Timestamp {
        Timestamp(
            milliseconds: [-62_135_596_800_000, 0, 1_700_000_000_000, 1_800_000_000_000, 253_402_300_799_000][pick(5)])
    }

    private mutating func text() -> String {
        ["", "x", "site-a", "../../ca.key", "\u{1B}]0;x\u{7}", "a\nb", "\u{202E}", String(repeating: "é", count: 300)][
            pick(8)]
    }
}
