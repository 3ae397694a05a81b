package import Model
package import Ports

/// Circuit breakers by region and class of provider error: after `threshold` failures within `window` calls stop for `openFor`, then one
/// probe decides.
package struct Breakers: Sendable {
    package struct Policy: Sendable, Hashable {
        package var threshold = 5
        package var window = Duration.minutes(1)
        package var openFor = Duration.seconds(30)
        package init() {}
    }

    package struct Circuit: Sendable, Hashable {
        package enum State: Sendable, Hashable {
            case closed
            case open(until: Instant)
            case halfOpen
        }
        package var state = State.closed
        package var failures: [Instant] = []
        package var since: Timestamp?
        package init() {}
    }

    package private(set) var circuits: [String: [String: Circuit]] = [:]
    private let policy: Policy

    package init(policy: Policy = Policy()) { self.policy = policy }

    /// Whether a call may go out now; an open circuit whose time has come lets one probe through.
    package mutating func admits(region: String, now: Moment) -> Bool {
        for (name, circuit) in circuits[region] ?? [:] {
            switch circuit.state {
            case .closed: continue
            case .halfOpen: return false
            case .open(let until):
                guard now.instant >= until else { return false }
                circuits[region]?[name]?.state = .halfOpen
                circuits[region]?[name]?.since = now.wall
            }
        }
        return true
    }

    package mutating func succeeded(region: String) { circuits[region] = nil }

    /// Counts a failure; true if this one opened the circuit. Errors that say nothing about the provider's health are not counted.
    package mutating func failed(region: String, code: ProviderError.Code, now: Moment) -> Bool {
        switch code {
        case .throttled, .capacity, .quota, .unavailable, .unauthorised: break
        case .notFound, .conflict, .invalid, .unknownOutcome:
            // The provider answered, or nobody knows: a waiting probe must not stay out for ever.
            for name in (circuits[region] ?? [:]).keys where circuits[region]?[name]?.state == .halfOpen {
                circuits[region]?[name]?.state = .open(until: now.instant + policy.openFor)
            }
            return false
        }
        var circuit = circuits[region]?[code.rawValue] ?? Circuit()
        circuit.failures = circuit.failures.filter { now.instant - $0 < policy.window } + [now.instant]
        if circuit.failures.count > policy.threshold { circuit.failures.removeFirst() }
        let wasOpen = circuit.state != .closed
        if wasOpen || circuit.failures.count >= policy.threshold {
            circuit.state = .open(until: now.instant + policy.openFor)
            if !wasOpen { circuit.since = now.wall }
        }
        circuits[region, default: [:]][code.rawValue] = circuit
        return !wasOpen && circuit.state != .closed
    }

    /// When the next probe may go out, if the region is closed to calls.
    package func opensAt(region: String) -> Instant? {
        (circuits[region] ?? [:]).values.compactMap { circuit in
            if case .open(let until) = circuit.state { until } else { nil }
        }.max()
    }

    /// For status, by region, in order of class.
    package func records(now: Moment) -> [String: [CircuitStatus]] {
        circuits.isEmpty ? [:] : circuits.mapValues { records($0, now: now) }
    }

    private func records(_ circuits: [String: Circuit], now: Moment) -> [CircuitStatus] {
        circuits.sorted { $0.key < $1.key }.map { name, circuit in
            var record = CircuitStatus()
            record.errorClass = name
            record.failures = circuit.failures.count
            record.since = circuit.since?.wholeSeconds
            switch circuit.state {
            case .closed: record.state = .closed
            case .halfOpen: record.state = .halfOpen
            case .open(let until):
                record.state = .open
                record.probeAt = (now.wall + (until - now.instant)).wholeSeconds
            }
            return record
        }
    }
}
