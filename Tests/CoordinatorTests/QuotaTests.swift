import Coordinator
import Engine
import Model
import Ports
import Storage
import Testing
import Tree

/// A plan of more tasks than its namespace may have.
@Suite struct CoordinatorQuotaTests {
    private static let key = ObjectKey(.namespace, "", "shop")

    private static func namespace(tasks: Int) -> Tree {
        [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": "shop", "uid": "ns", "annotations": ["reconcile.dev/quota-tasks": .string("\(tasks)")],
            ],
        ]
    }

    @Test func itSaysSoAndRestsAndGoesOnWhenThereIsRoom() throws {
        var house = try House([Manifest.region(), Manifest.pool()])
        try house.write(.create(Self.key, Self.namespace(tasks: 2)))
        try house.make(Manifest.plan((0..<5).map { Manifest.task("t\($0)") }))
        house.pass(.minutes(1))
        let plan = try #require(house.plan)
        #expect(plan.status.phase == .blocked && plan.status.reason == Reason.quotaExceeded.rawValue)
        #expect(
            plan.status.message?.hasPrefix(
                "exceeded quota: namespace shop, requested: tasks=5, used: tasks=0, limited: tasks=2.") == true,
            "\(plan.status.message ?? "")")
        #expect(plan.status.conditions[.stalled]?.reason == Reason.quotaExceeded.rawValue)
        let before = house.batches.count
        house.pass(.minutes(12))
        let written = house.batches.dropFirst(before).filter { house.store.version > 0 && !$0.writes.isEmpty }
        #expect(written.allSatisfy { batch in batch.writes.contains { if case .create = $0 { true } else { false } } })
        let events = house.store.list(StoreQuery(kinds: [.event])).objects.filter {
            $0.tree["reason"]?.string == Reason.quotaExceeded.rawValue
        }
        #expect(events.count == 1 && events.first?.tree["count"]?.int ?? 1 == 1, "said once")
        let version = house.store.version
        house.pass(.minutes(2))
        #expect(house.store.version == version, "at rest nothing is written: \(version) to \(house.store.version)")
        try house.change(Self.key) { $0 = Self.namespace(tasks: 5) }
        #expect(house.pass(.minutes(2)) { $0.plan?.status.phase == .succeeded }, "\(house.plan?.status.message ?? "")")
        #expect(house.plan?.status.conditions[.stalled] == nil)
        #expect(house.stopped == nil)
    }

    @Test func whatItsTasksWouldTakeIsGivenBackWithThem() throws {
        var house = try House([Manifest.region(), Manifest.pool()])
        try house.write(.create(Self.key, Self.namespace(tasks: 3)))
        try house.make(Manifest.plan((0..<3).map { Manifest.task("t\($0)") }))
        #expect(house.pass(.minutes(2)) { $0.plan?.status.phase == .succeeded })
        // Another plan of the same size waits for the first one's tasks to go.
        var second = Manifest.plan((0..<3).map { Manifest.task("t\($0)") })
        second["metadata"] = ["name": "next", "namespace": "shop"]
        try house.make(second)
        house.pass(.seconds(30))
        let next = ObjectKey(.executionPlan, "shop", "next")
        #expect(house.core.engine.cache.plans[next]?.object.status.reason == Reason.quotaExceeded.rawValue)
        try house.end(ObjectKey(.executionPlan, "shop", "site"))
        #expect(
            house.pass(.minutes(3)) { $0.core.engine.cache.plans[next]?.object.status.phase == .succeeded },
            "\(house.core.engine.cache.plans[next]?.object.status.message ?? "")")
    }
}
