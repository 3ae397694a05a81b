import Agent
import Gateway
import Model
import Testing
import WorkerProtocol

/// Both ends together over a bad link: the promises hold at every step, and everything is settled once the faults stop.
@Suite struct ProtocolWorldTests {
    @Test(arguments: UInt64(1)...10) func thePromisesHoldOverABadLink(seed: UInt64) throws {
        var world = World(seed: seed, workers: 3, tasks: 60)
        world.run(for: .minutes(4))
        world.faults = false
        for uid in world.agents.keys { world.agents[uid]?.cutUntil = .origin }
        world.run(for: .minutes(10)) { world in
            world.controller.tasks.allSatisfy(\.isOver)
                && world.agents.values.allSatisfy { !$0.isAlive || $0.core.unacknowledgedReports == 0 }
        }
        #expect(world.witness.faults == [])
        #expect(world.controller.tasks.filter { !$0.isOver }.map(\.message.taskUID) == [])
        #expect(world.controller.tasks.allSatisfy { $0.results == 1 })
        #expect(world.agents.values.filter(\.isAlive).allSatisfy { $0.core.unacknowledgedReports == 0 })
        #expect(world.witness.starts >= 60)
        #expect(world.steps > 3000)

        // At rest: nobody asks faster than polls are held.
        let steps = world.steps
        world.run(for: .minutes(1))
        let alive = world.agents.values.filter(\.isAlive).count
        #expect(world.steps - steps < 300 + alive * 200)
        #expect(world.heldPolls <= alive)
    }
}
