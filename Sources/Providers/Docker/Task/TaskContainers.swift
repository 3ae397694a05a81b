import HTTP
import Model
package import Ports
import Synchronization
import Tree

/// Attempts of tasks as containers of one engine, which is on this machine.
package final class TaskContainers: ContainerEngine {
    private let engine: EngineClient
    private let facts = Mutex<EngineFacts?>(nil)

    /// How often a call is tried whose answer was lost.
    private static let tries = 3
    /// How long the engine may take to remove what it has begun to remove.
    private static let removalTime = Duration.seconds(30)
    private static let pause = Duration.milliseconds(100)
    /// Between making a container and starting it lie moments: what is older belongs to nobody.
    private static let patience = Duration.minutes(10)
    /// Where the agent itself is root.
    private static let nobody = ContainerUser.Account(user: 65532, group: 65532)

    package init(engine: EngineClient) { self.engine = engine }

    package func user(for agent: ContainerUser.Account) async throws(ProviderError) -> ContainerUser {
        do throws(EngineFailure) {
            let facts = try await knownFacts()
            if facts.remapsUsers {
                throw EngineFailure(
                    ProviderError(
                        .invalid,
                        "the engine at \(engine.address.text) remaps users (userns-remap), so that its containers can't "
                            + "share files with a worker beside it; let the worker use an engine that does not"))
            }
            // Root inside is the agent's own user outside, and nobody else is anybody there.
            if facts.isRootless { return ContainerUser(inside: .init(user: 0, group: 0), outside: agent) }
            let account = agent.user == 0 ? Self.nobody : agent
            return ContainerUser(inside: account, outside: account)
        } catch { throw error.error }
    }

    package func image(_ name: String) async throws(ProviderError) -> ContainerImage {
        do throws(EngineFailure) {
            let supply = ImageSupply(engine: engine)
            let found = try await supply.ensure(name, architecture: try await knownFacts().architecture)
            return ContainerImage(described: found)
        } catch { throw error.error }
    }

    package func run(_ order: ContainerOrder) async throws(ProviderError) {
        do throws(EngineFailure) {
            var isLast = false
            for count in 1... where !isLast {
                isLast = count >= Self.tries
                do throws(EngineFailure) { return try await makeAndStart(order) } catch
                    where error.error.code == .unknownOutcome && !isLast
                {}
            }
        } catch { throw error.error }
    }

    package func end(clusterID: String, taskUID: String, attempt: Int) async throws(ProviderError) {
        let end = ContinuousClock.now + Self.removalTime
        do throws(EngineFailure) {
            while let found = try await find(clusterID, taskUID, attempt) {
                do throws(EngineFailure) { _ = try await engine.send(.remove(found.id)) } catch
                // 409: its removal is under way, and waited for.
                    where error.status == 404 || error.status == 409
                {}
                guard ContinuousClock.now < end, await slept() else {
                    throw EngineFailure(
                        ProviderError(.unavailable, "container \(found.id.prefix(12)) is not removed yet"))
                }
            }
        } catch { throw error.error }
    }

    package func isThere(clusterID: String, taskUID: String, attempt: Int) async throws(ProviderError) -> Bool {
        do throws(EngineFailure) {
            guard let found = try await find(clusterID, taskUID, attempt) else { return false }
            return found.standing == .created || found.standing == .running
        } catch { throw error.error }
    }

    package func clean(clusterID: String, workerUID: String) async throws(ProviderError) {
        do throws(EngineFailure) {
            for item in try await engine.tree(.tasks(cluster: clusterID)).array ?? [] {
                guard let listed = ContainerState(listed: item), let labels = TaskLabels(item["Labels"]),
                    labels.clusterID == clusterID
                else { continue }
                switch listed.standing {
                // Its guard ends one whose agent is gone, and sees to its kill grace.
                case .running, .removing: continue
                case .created, .ended: break
                }
                if labels.workerUID != workerUID, try await !isOld(listed) { continue }
                do throws(EngineFailure) { _ = try await engine.send(.remove(listed.id)) } catch
                    where error.status == 404 || error.status == 409
                {}
            }
        } catch { throw error.error }
    }

    // MARK: Details

    private func makeAndStart(_ order: ContainerOrder) async throws(EngineFailure) {
        guard let id = try await standing(order) else { return }
        do throws(EngineFailure) { _ = try await engine.send(.start(id)) } catch
        // Started before, by a call whose answer was lost, and gone by itself since.
            where error.status == 404
        {}
    }

    /// The id of the container where it has still to be started.
    private func standing(_ order: ContainerOrder) async throws(EngineFailure) -> String? {
        let body: Tree
        let processors = try await knownFacts().processors
        do throws(ProviderError) { body = try TaskContainer(order: order, processors: processors).body() } catch {
            throw EngineFailure(error)
        }
        let name = TaskLabels.name(uid: order.taskUID, attempt: order.attempt)
        do throws(EngineFailure) {
            let call = EngineCall.create(name, body)
            guard let id = try await engine.tree(call)["Id"]?.string else {
                throw EngineFailure.unreadable(call, "it has no Id")
            }
            return id
        } catch  where error.status == 400 && error.error.message.contains("bind source path does not exist") {
            // The engine looks for it where it runs itself.
            let advice = "the engine must run on the worker's own machine and see its files"
            throw EngineFailure(ProviderError(error.error.code, "\(error.error.message); \(advice)"), status: 400)
        } catch  where error.status == 409 {
            guard let (found, labels) = try await inspect(name) else { throw error }
            guard let labels, labels.clusterID == order.clusterID, labels.workerUID == order.workerUID else {
                throw EngineFailure(
                    ProviderError(
                        .conflict,
                        "container \(name) is there and not this worker's; it is left as it is: rename or remove it"),
                    status: 409)
            }
            return found.standing == .created ? found.id : nil
        }
    }

    /// The attempt's container, if it is of that cluster.
    private func find(
        _ clusterID: String, _ taskUID: String, _ attempt: Int
    ) async throws(EngineFailure) -> ContainerState? {
        guard let (found, labels) = try await inspect(TaskLabels.name(uid: taskUID, attempt: attempt)),
            labels?.clusterID == clusterID
        else { return nil }
        return found
    }

    private func inspect(_ name: String) async throws(EngineFailure) -> (ContainerState, TaskLabels?)? {
        do throws(EngineFailure) {
            let call = EngineCall.inspect(name)
            let tree = try await engine.tree(call)
            guard let found = ContainerState(inspected: tree) else {
                throw EngineFailure.unreadable(call, "it describes no container")
            }
            return (found, TaskLabels(tree["Config"]?["Labels"]))
        } catch  where error.status == 404 { return nil }
    }

    /// By the engine's own clock.
    private func isOld(_ listed: ContainerState) async throws(EngineFailure) -> Bool {
        guard let made = listed.createdAt, let now = EngineFacts(try await engine.tree(.info)).time else {
            return false
        }
        return now - made > Self.patience
    }

    private func knownFacts() async throws(EngineFailure) -> EngineFacts {
        if let known = facts.withLock({ $0 }) { return known }
        let found = EngineFacts(try await engine.tree(.info))
        guard found.isLinux else {
            throw EngineFailure(
                ProviderError(
                    .unavailable, "the engine at \(engine.address.text) runs Windows containers; switch it to Linux"))
        }
        facts.withLock { $0 = found }
        return found
    }

    /// False where the waiting was cut off.
    private func slept() async -> Bool {
        do { try await Task.sleep(for: Self.pause, clock: .continuous) } catch { return false }
        return true
    }
}

extension ContainerImage {
    /// From `/images/NAME/json`.
    init(described tree: Tree) {
        let config = tree["Config"]
        func words(_ name: String) -> [String] { config?[name]?.array?.compactMap(\.string) ?? [] }
        self.init(command: words("Entrypoint") + words("Cmd"))
        for entry in words("Env") {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            environment[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        // The root is what the engine says where an image says nothing.
        workingDirectory = config?["WorkingDir"]?.string.flatMap { $0.isEmpty || $0 == "/" ? nil : $0 }
    }
}
