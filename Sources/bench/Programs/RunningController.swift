import APIServer
import Client
import Documents
import Glibc
import HTTP
import Kernel
import Model
import Tree

/// A real `reconcile serve --local` with one idle worker: what it and its agent hold in memory, and how long a task
/// takes from the request that creates its plan to the moment a watcher sees it run.
enum RunningController {
    private static let namespace = "bench"
    private static let warmUp = 5
    private static let plans = 60
    private static let command = ["/bin/sleep", "0.1"]

    static func measure(_ workshop: Workshop) async throws -> [Row] {
        let server = try await Server.start(workshop)
        do {
            try await server.prepare(namespace: namespace)
            let agent = try await server.awaitWorker(in: namespace)
            // At rest: whatever the start left to do is done.
            try await Task.sleep(for: .seconds(4))
            let memory = try (
                controller: ProcessMemory.anonymous(of: server.pid), agent: ProcessMemory.anonymous(of: agent)
            )
            let times = try await latencies(server)
            let after = try (
                controller: ProcessMemory.anonymous(of: server.pid), agent: ProcessMemory.anonymous(of: agent)
            )
            try await server.end(namespace: namespace)
            return rows(times) + rows(memory, after)
        } catch {
            server.kill()
            throw error
        }
    }

    private static func rows(_ times: Times) -> [Row] {
        let floor = spawnFloor()
        let steps =
            "task there after \(short(times.there.quantile(0.5))) ms, assigned after \(short(times.assigned.quantile(0.5))) ms"
        return [
            Row(
                name: "created → seen Running, p50", value: times.running.quantile(0.5), unit: .milliseconds, gate: 20,
                goal: 5,
                wish: .less, beside: "posix_spawn of the same command \(short(floor)) ms"),
            Row(
                name: "created → seen Running, p95", value: times.running.quantile(0.95), unit: .milliseconds,
                beside: "p50s: \(steps)"),
        ]
    }

    private static func rows(
        _ memory: (controller: Double, agent: Double), _ after: (controller: Double, agent: Double)
    ) -> [Row] {
        [
            Row(
                name: "controller, idle, RssAnon", value: memory.controller, unit: .mebibytes, gate: 40, goal: 12,
                wish: .less,
                beside: "after \(plans) plans \(short(after.controller)) MiB"),
            Row(
                name: "agent, idle, RssAnon", value: memory.agent, unit: .mebibytes, gate: 10, goal: 4, wish: .less,
                beside: "after \(plans) tasks \(short(after.agent)) MiB"),
        ]
    }

    private static func spawnFloor() -> Double {
        var samples = Samples()
        for _ in 0..<20 {
            let start = Stopwatch.now
            guard let pid = try? SpawnRequest(command, environment: Tool.inherited).spawn() else { return .nan }
            samples.add((Stopwatch.now - start) * 1000)
            _ = try? Children.wait(pid)
        }
        return samples.quantile(0.5)
    }

    // MARK: One plan after another

    struct Times {
        /// Milliseconds from the request: until the task is there, has a worker, runs.
        var there = Samples()
        var assigned = Samples()
        var running = Samples()
    }

    private static func latencies(_ server: Server) async throws -> Times {
        var watch = TaskWatch(try await server.watchTasks(in: namespace))
        var times = Times()
        for index in 0..<(warmUp + plans) {
            let name = "plan-\(index)"
            let start = Stopwatch.now
            try await server.create(plan(name), in: namespace)
            var seen: (there: Double?, assigned: Double?, running: Double?) = (nil, nil, nil)
            reading: while true {
                let change = try await watch.next()
                guard change.plan == name else { continue }
                let passed = (Stopwatch.now - start) * 1000
                seen.there = seen.there ?? passed
                switch change.phase {
                case "Assigned": seen.assigned = seen.assigned ?? passed
                case "Running": seen.running = seen.running ?? passed
                case "Succeeded": break reading
                case "Failed", "Cancelled": throw Unmeasurable("a task of the bench ended as \(change.phase)")
                default: break
                }
            }
            try await server.delete(ObjectKey(.executionPlan, namespace, name))
            // Idle again: the plan, its task and their traces are gone.
            while true {
                let change = try await watch.next()
                if change.plan == name, change.isGone { break }
            }
            try await Task.sleep(for: .milliseconds(100))
            guard index >= warmUp, let there = seen.there, let running = seen.running else { continue }
            times.there.add(there)
            times.assigned.add(seen.assigned ?? running)
            times.running.add(running)
        }
        watch.close()
        guard times.running.count > plans / 2 else {
            throw Unmeasurable("only \(times.running.count) of \(plans) tasks were seen Running")
        }
        return times
    }

    private static func plan(_ name: String) -> Tree {
        [
            "apiVersion": .string(Kind.executionPlan.apiVersion), "kind": .string(Kind.executionPlan.rawValue),
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
            "spec": [
                "regions": [
                    [
                        "region": .string(namespace), "pool": .string(namespace),
                        "tasks": [["name": "only", "run": ["command": .array(command.map { .string($0) })]]],
                    ]
                ]
            ],
        ]
    }
}
