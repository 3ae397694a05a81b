import APIServer
import Documents
import Logging
import Model
import Ports
import Tree

/// Says of each namespace that comes near its quota that it does: once at 80 and once at 95 of a hundred, and again
/// when it was below them meanwhile.
struct QuotaWatch: Sendable {
    private static let steps = [0.95, NamespaceQuota.warningShare]

    let api: APIServer
    let logger: Logger
    /// Of those that are above a step; whoever is not in here is below both.
    private var told: [String: Double] = [:]

    init(api: APIServer, logger: Logger) {
        self.api = api
        self.logger = logger
    }

    mutating func look(_ usage: [NamespaceUsage], now: Timestamp) async {
        var reached: [String: Double] = [:]
        for one in usage {
            let resource = one.fullest
            guard let step = Self.steps.first(where: { one.share(resource) >= $0 }) else { continue }
            reached[one.namespace] = step
            guard step > told[one.namespace] ?? 0 else { continue }
            let sentence = one.sentence(resource)
            logger.warning("\(sentence)")
            await tell(one.namespace, sentence, now)
        }
        told = reached
    }

    /// To whoever looks at the namespace's events; it has room for them, or else the log has the line.
    private func tell(_ namespace: String, _ sentence: String, _ now: Timestamp) async {
        let name = "\(namespace).\(String(UInt64(max(0, now.milliseconds)), radix: 16))"
        let time = Tree.string(now.wholeSeconds.description)
        let event: Tree = [
            "apiVersion": "v1", "kind": "Event", "metadata": ["name": .string(name)],
            "involvedObject": ["apiVersion": "v1", "kind": "Namespace", "name": .string(namespace)],
            "type": "Warning", "reason": .string(Reason.quotaNearlyReached.rawValue), "message": .string(sentence),
            "count": 1, "firstTimestamp": time, "lastTimestamp": time, "source": ["component": "reconcile"],
        ]
        let answer = await api.handle(
            APIRequest(.post, APIPath.collection(.event, namespace: namespace), body: JSON.encode(event)))
        guard case .value(let status, let tree, _) = answer, status >= 400 else { return }
        logger.warning("the event of it was not taken", metadata: ["answer": "\(tree["message"]?.string ?? "")"])
    }
}
