package import Host
import Ports

/// A test's runner of attempts, whatever world it is in, and what it tells.
package protocol RunnerHolder: Sendable {
    var runner: AttemptRunner { get }
}

extension RunnerHolder {
    /// Waits for its start.
    package func started(_ name: AttemptName) async {
        for await event in runner.events { if case .started(name, _) = event { return } }
    }

    /// Waits for its end; what others do meanwhile is not heard.
    package func end(_ name: AttemptName) async -> AttemptEnd? {
        for await event in runner.events { if case .ended(name, let end) = event { return end } }
        return nil
    }

    package func run(_ order: AttemptOrder) async -> AttemptEnd? {
        runner.start(order)
        return await end(order.name)
    }

    package func log(_ name: AttemptName) throws -> String {
        let part = try runner.readLog(name, from: 0, limit: 16 << 20)
        return String(decoding: part?.bytes ?? [], as: UTF8.self)
    }
}
