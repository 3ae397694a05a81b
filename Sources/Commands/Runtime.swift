package import Client
package import Model
import Text
package import Tree

/// What the commands need from the program around them: a way to the state, and a process to run controllers in.
///
/// Errors: a `CommandError` says its own exit code; a `ClientError` or any other error ends with 1. Cancellation: what
/// ends the program (SIGINT, SIGTERM, SIGHUP, a reader of its output that left) cancels the task that a verb runs in;
/// for
/// `serve` and the body of `once` only that, so that what they began is ended. A cancelled verb returns at once and
/// says nothing of it but what goes on without it; the exit code is the program's.
package protocol Runtime: Sendable {
    /// The API of the running controller or, where none runs, of the state opened by this process.
    func client(_ options: GlobalOptions) async throws -> any APIClient

    /// Whether somebody makes so what the state says.
    func controller(_ options: GlobalOptions) async throws -> ControllerStanding

    /// Standard output carries data from here on: once nobody reads it any more, the verb is cancelled.
    func watchOutput()

    /// Runs controllers in this process until stopped; `ready` is called once, when requests are answered. With
    /// `options.detach` it starts another process, calls `ready` when that one answers, and returns.
    func serve(_ options: ServeOptions, ready: @escaping @Sendable (Served) -> Void) async throws -> Int32

    /// Stops the controller that runs on this state. Nil: none ran. Its process id, once it is gone.
    func stop(_ options: GlobalOptions) async throws -> Int?

    /// Controllers run in this process for the time of the body, on the state;
    /// what the body returns is the exit code.
    func once(
        _ options: OnceOptions, _ body: @escaping @Sendable (any APIClient) async throws -> Int32
    ) async throws -> Int32

    /// The same engine without effects: what it would do with these objects over the objects of the state, if any.
    func plan(_ options: PlanOptions, documents: [Tree]) async throws -> PlanReport

    /// Everything that this machine or cluster needs and may lack, in the order people fix things.
    func diagnose(_ options: GlobalOptions) async throws -> [Diagnosis]

    /// External resources that carry the cluster id and whose owner is gone; removed unless `dryRun`.
    func sweep(_ options: SweepOptions) async throws -> SweepReport

    /// Every setting that options, environment and defaults lead to, `Setting.state` among them unless a cluster holds
    /// the state.
    func settings(_ options: GlobalOptions) -> [Setting]

    /// The namespace of objects that name none: the kubeconfig's, else `default`.
    func namespace(_ options: GlobalOptions) -> String

    /// The verbs that only our own programs call; their arguments are not parsed here.
    func hidden(_ verb: HiddenVerb, arguments: [String]) async -> Int32
}

package enum HiddenVerb: String, Sendable, CaseIterable { case worker, `guard` }

/// Where the state is: a directory of this machine, or a cluster.
package struct GlobalOptions: Sendable, Hashable {
    /// The state directory; nil: `$RECONCILE_STATE`, else the user's own.
    package var state: String?
    package var kubeconfig: String?
    package var context: String?

    package init(state: String? = nil, kubeconfig: String? = nil, context: String? = nil) {
        self.state = state
        self.kubeconfig = kubeconfig
        self.context = context
    }
}

package enum ControllerStanding: Sendable, Hashable {
    case runs
    /// When one was last alive, if ever; and the command that starts one.
    case isMissing(since: Timestamp?, start: String)
}

package struct ServeOptions: Sendable, Hashable {
    package var global = GlobalOptions()
    /// `HOST:PORT` of the Kubernetes-compatible API; nil: 127.0.0.1 with the state's former port, or a free one.
    package var bindAddress: String?
    package var healthProbeBindAddress: String?
    package var metricsBindAddress: String?
    /// Run every worker as a process of this machine, whatever its region says.
    package var local = false
    package var clusterID: String?
    package var sweepInterval = Duration.seconds(60)
    package var detach = false
    package var jsonLogs: Bool?
    package var verbosity = 0
    package var egress = EgressOptions()
    package var quota = NamespaceQuota()

    package init() {}
}

/// Where the controller may look for the endpoints that plans declare.
package struct EgressOptions: Sendable, Hashable {
    /// This machine's own addresses, link-local ones and metadata services too.
    package var allowsLocal = false
    /// Networks such as `10.0.0.0/8`; empty: all.
    package var networks: [String] = []
    /// A rehearsal goes on without looking.
    package var assumesExternals = false

    package init() {}
}

/// What `serve` offers once it is ready.
package struct Served: Sendable, Hashable {
    /// `https://HOST:PORT`; nil where only the socket is served.
    package var address: String?
    package var kubeconfig: String?
    package var state: String
    package var processID: Int
    /// It ran already, as asked for now.
    package var isAnother = false

    package init(address: String?, kubeconfig: String?, state: String, processID: Int) {
        self.address = address
        self.kubeconfig = kubeconfig
        self.state = state
        self.processID = processID
    }
}

package struct OnceOptions: Sendable, Hashable {
    package var global = GlobalOptions()
    package var local = false
    package var clusterID: String?
    package var egress = EgressOptions()
    /// The objects about to be applied: by them it is decided where work may run and whether `wait` is implied.
    package var documents: [Tree] = []

    package init() {}
}

package struct PlanOptions: Sendable, Hashable {
    package var global = GlobalOptions()
    package var local = false
    /// As `--once` runs it, with no worker that no task needs; nil: as the state was served last.
    package var onDemand: Bool?
    /// `region=NAME`, `provider=KIND`, `pool=NAMESPACE/NAME` or `worker=NAMESPACE/NAME`: what fails in the rehearsal.
    package var simulateFailure: [String] = []

    package init() {}
}

package struct SweepOptions: Sendable, Hashable {
    package var global = GlobalOptions()
    package var clusterID: String?
    package var dryRun = false
    /// Providers to ask besides those of the state's regions.
    package var providers: [String] = []

    package init() {}
}

/// One external resource that carries a cluster id and has no owner here.
package struct SweptResource: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        /// Its end was asked for, and it is gone.
        case removed
        /// `--dry-run`.
        case found
        /// Perhaps a create whose owner is only just being written.
        case tooYoung
        case notRemoved(why: String)
    }

    /// How old it must be before it is taken for left behind.
    package static let grace = Duration.seconds(60)

    package var provider: String
    package var region: String
    package var id: String
    package var age: Duration?
    package var outcome: Outcome

    package init(provider: String, region: String, id: String, age: Duration?, outcome: Outcome) {
        self.provider = provider
        self.region = region
        self.id = id
        self.age = age
        self.outcome = outcome
    }
}

/// What a sweep asked, and what it found there.
package struct SweepReport: Sendable, Hashable {
    /// As people call them: `processes of this machine`, `the engine at unix:///var/run/docker.sock`.
    package var asked: [String] = []
    /// Places that could not be asked, each with why.
    package var failed: [String] = []
    package var resources: [SweptResource] = []

    package init() {}
}

/// One finding of `doctor`.
package struct Diagnosis: Sendable, Hashable {
    package enum Verdict: Sendable, Hashable { case good, bad, unknown }
    package var name: String
    package var verdict: Verdict
    package var detail: String
    /// What to do about it; nil where it is good.
    package var fix: String?

    package init(_ name: String, _ verdict: Verdict, _ detail: String, fix: String? = nil) {
        self.name = name
        self.verdict = verdict
        self.detail = detail
        self.fix = fix
    }
}

/// One setting, for `config view`.
package struct Setting: Sendable, Hashable {
    package static let state = "state"

    package var name: String
    package var value: String?
    /// Where it comes from: `--state`, `$RECONCILE_STATE`, `default`.
    package var source: String

    package init(_ name: String, _ value: String?, from source: String) {
        self.name = name
        self.value = value
        self.source = source
    }
}
