/// One family of a scrape: its name, its kind, what it says, and the labels that its samples carry. README's table has
/// the same rows; a test compares the two.
struct Metric: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    let name: String
    let kind: Kind
    let help: String
    /// Each has few values, whatever the state holds: kinds, phases, results.
    var labels: [String] = []

    init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
    }
}

extension Metric {
    static let reconciles = Metric(
        "controller_runtime_reconcile_total", .counter, "Decisions, by what follows from them.",
        labels: ["controller", "result"])
    static let reconcileSeconds = Metric(
        "controller_runtime_reconcile_time_seconds", .histogram, "How long decisions took; the round is a placement.",
        labels: ["controller"])
    static let leader = Metric("leader_election_master_status", .gauge, "1 while this process leads.", labels: ["name"])
    static let depth = Metric(
        "workqueue_depth", .gauge, "What waits: keys to be decided, effects for their turn, agents for an answer.",
        labels: ["name"])
    static let adds = Metric("workqueue_adds_total", .counter, "Keys that were queued.", labels: ["name"])
    static let requests = Metric(
        "rest_client_requests_total", .counter, "Requests to engines and declared endpoints, by the answer's status.",
        labels: ["code", "method"])
    static let stepSeconds = Metric(
        "reconcile_step_seconds", .histogram, "What happened at once, with all decisions that it led to.")
    static let oscillations = Metric(
        "reconcile_oscillations_total", .counter, "Objects found written over and over with nothing new from outside.")
    static let misbehaviours = Metric(
        "reconcile_misbehaving_workers_total", .counter, "Workers given up because they said what can't be true.")
    static let unreadable = Metric(
        "reconcile_unreadable_objects", .gauge, "Objects that can't be read and are left alone.")
    static let effects = Metric("reconcile_effects_in_flight", .gauge, "Effects that are being carried out.")
    static let calls = Metric(
        "reconcile_provider_calls_total", .counter, "Calls to providers, by how they ended.",
        labels: ["verb", "result"])
    static let callSeconds = Metric(
        "reconcile_provider_call_seconds", .histogram, "How long calls to providers took.", labels: ["verb"])
    static let gatewayRequests = Metric(
        "reconcile_gateway_requests_total", .counter, "Requests of workers' agents that were read, by status.",
        labels: ["route", "code"])
    static let commits = Metric("reconcile_commits_total", .counter, "Writes of controllers.", labels: ["result"])
    static let commitSeconds = Metric(
        "reconcile_store_commit_seconds", .histogram, "From a write to the disk's answer.")
    static let fullness = Metric(
        "reconcile_store_fullness_ratio", .gauge,
        "Of what all objects may take, and the fullest namespace of its quota.",
        labels: ["of"])
    static let objects = Metric("reconcile_objects", .gauge, "Objects in the store.", labels: ["kind"])
    static let tasks = Metric("reconcile_tasks", .gauge, "Tasks in a phase.", labels: ["phase"])
    static let plans = Metric("reconcile_plans", .gauge, "Plans in a phase.", labels: ["phase"])
    static let workers = Metric("reconcile_workers", .gauge, "Workers in a state.", labels: ["state"])
    static let rate = Metric("reconcile_cost_dollars_per_hour", .gauge, "What all workers cost an hour.")
    static let cpu = Metric("process_cpu_seconds_total", .counter, "Processor time of this process.")
    static let memory = Metric("process_resident_memory_bytes", .gauge, "Memory of this process.")
    static let virtualMemory = Metric("process_virtual_memory_bytes", .gauge, "Its address space.")
    static let openFiles = Metric("process_open_fds", .gauge, "Open descriptors.")
    static let mostFiles = Metric("process_max_fds", .gauge, "Descriptors that may be open.")
    static let started = Metric("process_start_time_seconds", .gauge, "When this process began, in Unix time.")

    /// In the order of a scrape.
    static let all: [Metric] = [
        reconciles, reconcileSeconds, leader, depth, adds, requests, stepSeconds, oscillations, misbehaviours,
        unreadable, effects, calls, callSeconds, gatewayRequests, commits, commitSeconds, fullness, objects, tasks,
        plans, workers, rate, cpu, memory, virtualMemory, openFiles, mostFiles, started,
    ]
}

/// The text that Prometheus reads (prometheus.io/docs/instrumenting/exposition_formats).
struct Exposition {
    private(set) var text = ""

    mutating func family(_ metric: Metric, _ samples: [(labels: [String], value: String)]) {
        head(metric)
        for sample in samples { line(metric.name, Array(zip(metric.labels, sample.labels)), sample.value) }
    }

    mutating func value(_ metric: Metric, _ value: String) { family(metric, [([], value)]) }

    mutating func histogram(_ metric: Metric, _ histogram: Histogram) { histograms(metric, [([], histogram)]) }

    mutating func histograms(_ metric: Metric, _ samples: [(labels: [String], histogram: Histogram)]) {
        head(metric)
        for (labels, histogram) in samples {
            let named = Array(zip(metric.labels, labels))
            var total = 0
            for (bound, count) in zip(Histogram.bounds, histogram.counts) {
                total += count
                line("\(metric.name)_bucket", named + [("le", Self.seconds(bound))], "\(total)")
            }
            line("\(metric.name)_bucket", named + [("le", "+Inf")], "\(histogram.total)")
            line("\(metric.name)_sum", named, "\(Double(histogram.nanoseconds) / 1_000_000_000)")
            line("\(metric.name)_count", named, "\(histogram.total)")
        }
    }

    /// `0.00001`, without an exponent.
    private static func seconds(_ microseconds: Int64) -> String {
        guard microseconds < 1_000_000 else { return "\(microseconds / 1_000_000)" }
        var digits = String(microseconds)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "0.\(digits)"
    }

    private mutating func head(_ metric: Metric) {
        text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: String) {
        let shown = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        text += name + (shown.isEmpty ? "" : "{\(shown)}") + " \(value)\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
