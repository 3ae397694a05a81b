import Engine
import Model
import Tree

/// A controller whose workers do what they are told in no time: every task runs and ends in the same report.
struct BusyWorld {
    private var world = AnsweringWorld(saying: .ended)

    var engine: Engine { world.engine }

    mutating func make(_ document: Tree) throws { try world.make(document) }
    mutating func start() { world.start() }
    mutating func settle() { world.settle() }

    /// The first decision after a start.
    mutating func decideFirst() {
        world.start()
        world.engine.step(now: world.now, limit: 1)
    }

    /// The same state before a controller that has read nothing of it.
    func restarted() -> BusyWorld {
        var again = BusyWorld()
        again.world = world.restarted()
        return again
    }

    /// Lets time pass until it holds, at most an hour of the world's own.
    mutating func run(until done: (BusyWorld) -> Bool) throws {
        let end = world.now.instant + .hours(1)
        while !done(self) {
            world.settle()
            guard let due = world.engine.nextDue, world.now.instant < end else {
                throw Unmeasurable("the world stood still: \(said)")
            }
            world.advance(by: max(.zero, due - world.now.instant))
        }
    }

    func count(_ phase: TaskPhase) -> Int { engine.cache.tasks.values.count { $0.object.status.phase == phase } }
    func isOver(_ plan: String) -> Bool {
        let key = ObjectKey(.executionPlan, AnsweringWorld.namespace, plan)
        return engine.cache.plans[key]?.object.status.phase.isTerminal == true
    }
    var ready: Int { engine.cache.workers.values.count { $0.object.status.state.takesTasks } }

    private var said: String {
        engine.cache.tasks.values.lazy.compactMap(\.object.status.message).first ?? "no task says why"
    }
}
