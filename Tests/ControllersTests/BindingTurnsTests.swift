import Model
import Testing

@testable import Controllers
@testable import Placement

@Suite struct BindingTurnsTests {
    private static func binding(_ namespace: String, _ number: Int) -> Binding {
        let key = ObjectKey(.task, namespace, "t\(number)")
        return Binding(
            task: key, taskUID: "\(namespace)\(number)", worker: ObjectKey(.worker, namespace, "w"), workerUID: "w",
            region: "here", pool: ObjectKey(.workerPool, namespace, "p"), score: 0, ratePerHour: .zero,
            baselinePerHour: .zero, record: PlacementRecord())
    }

    @Test func oneTaskOfAnotherNamespaceIsNotPutOff() {
        let many = (0..<2_000).map { Self.binding("a", $0) }
        let first = (many + [Self.binding("b", 0), Self.binding("c", 0)]).inTurns(1_000)
        #expect(first.count == 1_000)
        #expect(first.prefix(3).map(\.task.namespace) == ["a", "b", "c"])
        #expect(first.dropFirst(3).map(\.task.name) == (1..<998).map { "t\($0)" }, "each in its own order")
    }

    @Test func whatFitsInOneCommitKeepsItsOrder() {
        let few = [Self.binding("b", 1), Self.binding("a", 1), Self.binding("b", 0)]
        #expect(few.inTurns(3).map(\.taskUID) == ["b1", "a1", "b0"])
    }
}
