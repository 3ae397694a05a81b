import Documents
import Model
import Ports
import Testing
import Tree

@testable import Docker

struct ContainerStateTests {
    struct Row: Sendable, CustomStringConvertible {
        let status: String
        let code: Int64
        var isReleased = false
        let state: Observation.State
        var description: String { "\(status) \(code)\(isReleased ? ", released" : "")" }
    }

    static let rows = [
        Row(status: "created", code: 0, state: .starting),
        Row(status: "running", code: 0, state: .running),
        Row(status: "running", code: 0, isReleased: true, state: .stopping),
        Row(status: "paused", code: 0, state: .running),
        Row(status: "restarting", code: 1, state: .running),
        Row(status: "removing", code: 0, state: .stopping),
        Row(status: "exited", code: 0, state: .exited(code: 0, signal: nil)),
        Row(status: "exited", code: 3, state: .exited(code: 3, signal: nil)),
        Row(status: "exited", code: 137, state: .exited(code: 137, signal: 9)),
        Row(status: "exited", code: 143, state: .exited(code: 143, signal: 15)),
        Row(status: "exited", code: 255, state: .exited(code: 255, signal: nil)),
        Row(status: "dead", code: 1, state: .exited(code: 1, signal: nil)),
    ]

    static func inspected(_ status: String, _ code: Int64, oom: Bool = false, problem: String = "") -> Tree {
        [
            "Id": "c0ffee", "Created": "2026-01-02T03:04:05.678901234Z",
            "State": [
                "Status": .string(status), "ExitCode": .int(code), "OOMKilled": .bool(oom), "Error": .string(problem),
            ],
            "Config": ["Labels": WorkerLabels.tree(.sample())],
            "NetworkSettings": ["Networks": ["bridge": ["IPAddress": "172.17.0.2"], "a": ["IPAddress": ""]]],
        ]
    }

    @Test(arguments: rows)
    func isObserved(_ row: Row) throws {
        let container = try #require(ContainerState(inspected: Self.inspected(row.status, row.code)))
        let seen = container.observation(try #require(container.labels), isReleased: row.isReleased)
        #expect(seen.state == row.state)
        #expect(seen.workerUID == "u-1" && seen.slot == 3 && seen.attempt == 2 && seen.clusterID == "cluster-a")
        #expect(seen.providerID == "docker:c0ffee" && seen.address == "172.17.0.2")
        #expect(seen.createdAt?.description == "2026-01-02T03:04:05.678Z")
    }

    @Test("An end for want of memory, and a start that failed, say so")
    func explanations() throws {
        let labels = try #require(WorkerLabels(WorkerLabels.tree(.sample())))
        let killed = ContainerState(inspected: Self.inspected("exited", 137, oom: true))
        #expect(killed?.observation(labels, isReleased: false).explanation?.contains("resources.memory") == true)
        let unstarted = ContainerState(inspected: Self.inspected("created", 127, problem: "exec format error"))
        #expect(unstarted?.observation(labels, isReleased: false).explanation == "exec format error")
    }

    @Test("What is not ours, or no container at all, is told apart")
    func strangers() throws {
        var tree = Self.inspected("running", 0)
        tree["Config"] = ["Labels": ["reconcile.dev/cluster": "cluster-a"]]
        #expect(try #require(ContainerState(inspected: tree)).labels == nil)
        #expect(ContainerState(inspected: ["message": "no"]) == nil)
        #expect(ContainerState(listed: []) == nil)
    }
}

struct ImageReferenceTests {
    @Test(arguments: [
        ("debian", "debian", "latest"), ("debian:stable-slim", "debian", "stable-slim"),
        ("host:5000/a/b", "host:5000/a/b", "latest"), ("host:5000/a/b:1", "host:5000/a/b", "1"),
        ("a@sha256:00", "a", "sha256:00"), ("h:1/a:t@sha256:00", "h:1/a:t", "sha256:00"),
    ])
    func isSplit(_ text: String, _ name: String, _ tag: String) {
        let image = ImageReference(text)
        #expect(image.name == name && image.tag == tag)
    }

    @Test("A pull's lines give its progress and its error; what is no JSON is passed over")
    func progress() {
        var progress = PullProgress()
        for line in [
            #"{"status":"Pulling from library/debian","id":"stable"}"#, #"{"status":"Pulling fs layer","id":"a"}"#,
            #"{"status":"Already exists","id":"b"}"#, "<html>", #"{"status":"Downloading","id":"a"}"#,
        ] { progress.read(Array(line.utf8)) }
        #expect(progress.description == "1 of 2 layers" && progress.problem == nil)
        progress.read(Array(#"{"status":"Pull complete","id":"a"}"#.utf8))
        progress.read(Array(#"{"errorDetail":{"message":"no space left"},"error":"no space left"}"#.utf8))
        #expect(progress.description == "2 of 2 layers" && progress.problem == "no space left")
    }
}
