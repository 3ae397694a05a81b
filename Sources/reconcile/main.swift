import APIServer
import Client
import Commands
import Documents
import Host
import Kernel
import Model
import Tree

// A guard is single-threaded and small: it runs before anything else of this program exists.
if CommandLine.arguments.dropFirst().first == "guard" { SystemExit.now(GuardMain.run()) }
if CommandLine.arguments.dropFirst().first == "worker" { SystemExit.now(await WorkerProgram.run()) }

let runtime = LocalRuntime(signals: try Interruption(watcher: try Watcher()))
let arguments = Array(CommandLine.arguments.dropFirst())
var options = OnceOptions()
options.local = true
options.global.state = arguments[0]
let files = Array(arguments.dropFirst())
let code = try await runtime.once(options) { client in
    for file in files {
        for document in try Documents.parse(try Files.read(file, limit: 1 << 20) ?? []) {
            guard let kind = Kind(rawValue: document.tree["kind"]?.string ?? "") else { continue }
            let key = ObjectKey(kind, document.tree["metadata"]?["namespace"]?.string ?? "default", document.tree["metadata"]?["name"]?.string ?? "")
            do {
            let answer = try await client.send(APIRequest(.patch, APIPath.object(key), query: ["fieldManager": "dev", "force": "true"], contentType: "application/apply-patch+yaml", body: JSON.encode(document.tree)))
            print(key, answer.status, answer.warnings)
            } catch { print(key, "\(error)") }
        }
    }
    let clock = SystemClock()
    var last: [String: String] = [:]
    for _ in 0..<600 {
        for kind in [Kind.region, .workerPool, .worker, .task, .syncPoint, .executionPlan] {
            let answer = try await client.send(APIRequest(.get, APIPath.collection(kind, namespace: nil)))
            for item in answer.tree["items"]?.array ?? [] {
                let status = item["status"] ?? .null
                let line = "\(status["phase"]?.string ?? status["state"]?.string ?? "") \(status["reason"]?.string ?? "") \(status["message"]?.string ?? "") \(status["failure"]?["message"]?.string ?? "") \(status["outputs"].map(JSON.text) ?? "") \(status["replicas"]?.int ?? -1)/\(status["desiredReplicas"]?.int ?? -1) \((status["conditions"]?.array?.first).map { ($0["reason"]?.string ?? "") + ($0["message"]?.string ?? "") } ?? "")"
                let name = "\(kind.rawValue)/\(item["metadata"]?["name"]?.string ?? "")"
                if last[name] != line { print(clock.now.wall, name, line); last[name] = line }
            }
        }
        let plans = try await client.send(APIRequest(.get, APIPath.collection(.executionPlan, namespace: nil))).tree["items"]?.array ?? []
        if plans.allSatisfy({ ["Succeeded", "Failed"].contains($0["status"]?["phase"]?.string ?? "") }) { break }
        await clock.sleep(until: clock.now.instant + .milliseconds(100))
    }
    return 0
}
SystemExit.now(code)
