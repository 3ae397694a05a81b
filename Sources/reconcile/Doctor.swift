import APIServer
import Client
import Commands
import Docker
import Host
import HTTP
import Kernel
import Model
import Ports
import SQLiteStorage
import Storage
import Tree

/// What this machine needs to run plans, in the order people would fix it.
struct Doctor {
    let statePath: String

    func examine() async -> [Diagnosis] {
        [state(), bootClock(), shell(), openFiles(), await engine(), bundle()]
    }

    /// Of a state that a server holds: only the way there.
    func examine(_ options: GlobalOptions) async -> [Diagnosis] {
        do {
            guard let client = try ClusterState.client(options) else { return await examine() }
            let answer = try await client.send(APIRequest(.get, "/version"))
            let version = answer.tree["gitVersion"]?.string ?? "of an unknown version"
            _ = try await client.send(
                APIRequest(.get, APIPath.collection(.region, namespace: nil), query: ["limit": "1"]))
            return [Diagnosis("server", .good, "\(version) answers and knows the kinds")]
        } catch {
            return [Diagnosis("server", .bad, "\(error)", fix: "see above; `reconcile config view` shows what is used")]
        }
    }

    private func state() -> Diagnosis {
        do throws(StoreOpenError) {
            let directory = try StateDirectory.open(statePath)
            return Diagnosis("state", .good, "\(directory.path) is writable, and no controller holds it")
        } catch {
            if case .locked = error.code { return Diagnosis("state", .good, "a controller runs: \(error.what)") }
            return Diagnosis("state", .bad, "\(statePath) \(error.what)", fix: error.next)
        }
    }

    private func bootClock() -> Diagnosis {
        let id = BootClock.bootID
        return id.isEmpty
            ? Diagnosis(
                "boot id", .bad, "/proc/sys/kernel/random/boot_id can't be read",
                fix: "mount /proc: without it a worker of an earlier boot can't be told from one of this")
            : Diagnosis("boot id", .good, id)
    }

    private func shell() -> Diagnosis {
        Files.exists("/bin/sh")
            ? Diagnosis("shell", .good, "/bin/sh is there for tasks")
            : Diagnosis(
                "shell", .unknown, "/bin/sh is missing",
                fix: "tasks whose command is sh need it: install dash or busybox")
    }

    /// Only regions on Docker and tasks with an image need one.
    private func engine() async -> Diagnosis {
        let text = Providers.standardEngine
        guard let address = EngineAddress(text) else {
            return Diagnosis(
                "docker", .bad, "DOCKER_HOST is \(text)", fix: "set it as: \(EngineAddress.explanation)")
        }
        switch await EngineClient(address, http: HTTPClient()).version() {
        case .success(let version):
            return Diagnosis("docker", .good, "the engine at \(text) speaks API \(version)")
        case .failure(let error):
            return Diagnosis(
                "docker", .unknown, error.message,
                fix: "regions with provider docker, and tasks with run.image, need an engine: start it, or set "
                    + "spec.provider.docker.host, or DOCKER_HOST for workers of this machine")
        }
    }

    private func bundle() -> Diagnosis {
        do throws(ProviderError) {
            let bundle = try BundleFile.find()
            return Diagnosis("worker bundle", .good, bundle.path)
        } catch {
            return Diagnosis(
                "worker bundle", .unknown, error.message, fix: "workers outside this machine need it: hack/bundle")
        }
    }

    /// Each worker takes a handful of descriptors of the controller, each attempt of its worker.
    private func openFiles() -> Diagnosis {
        let limit = ResourceLimit.openFiles
        return limit >= 1024
            ? Diagnosis("open files", .good, "up to \(limit)")
            : Diagnosis("open files", .bad, "only \(limit)", fix: "raise it: ulimit -n 4096")
    }
}
