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
        "controller_runtime_reconcile_total", .counter, "Decisions of a controller.", labels: ["controller"])
    static let leader = Metric("leader_election_master_status", .gauge, "1 while this process leads.", labels: ["name"])
    static let depth = Metric("workqueue_depth", .gauge, "Keys that wait to be decided.", labels: ["name"])
    static let commits = Metric("reconcile_commits_total", .counter, "Writes of controllers.", labels: ["result"])
    static let commitSeconds = Metric(
        "reconcile_store_commit_seconds", .histogram, "From a write to the disk's answer.")
    static let calls = Metric("reconcile_provider_calls_total", .counter, "Calls that were sent to providers.")
    static let unreadable = Metric(
        "reconcile_unreadable_objects", .gauge, "Objects that can't be read and are left alone.")
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
    static let openFiles = Metric("process_open_fds", .gauge, "Open descriptors.")
    static let mostFiles = Metric("process_max_fds", .gauge, "Descriptors that may be open.")
    static let started = Metric("process_start_time_seconds", .gauge, "When this process began, in Unix time.")

    /// In the order of a scrape.
    static let all: [Metric] = [
        reconciles, leader, depth, commits, commitSeconds, calls, unreadable, fullness, objects, tasks, plans, workers,
        rate, cpu, memory, openFiles, mostFiles, started,
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

    mutating func histogram(_ metric: Metric, _ histogram: Histogram) {
        head(metric)
        var total = 0
        for (bound, count) in zip(Histogram.bounds, histogram.counts) {
            total += count
            line("\(metric.name)_bucket", [("le", "\(Double(bound) / 1000)")], "\(total)")
        }
        line("\(metric.name)_bucket", [("le", "+Inf")], "\(histogram.total)")
        line("\(metric.name)_sum", [], "\(Double(histogram.microseconds) / 1_000_000)")
        line("\(metric.name)_count", [], "\(histogram.total)")
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

/// How long things took, in buckets.
struct Histogram: Sendable {
    /// Milliseconds, each bucket up to and with its bound.
    static let bounds = [1, 5, 10, 50, 100, 500, 1000, 5000]

    private(set) var counts = Array(repeating: 0, count: bounds.count)
    private(set) var total = 0
    private(set) var microseconds: Int64 = 0

    mutating func add(microseconds: Int64) {
        if let place = Self.bounds.firstIndex(where: { microseconds <= Int64($0) * 1000 }) { counts[place] += 1 }
        total += 1
        self.microseconds += microseconds
    }
}
