package import Model
package import Ports

/// Circuit breakers by region and class of provider error: after `failureThreshold` failures within `window` calls
/// stop for `openFor`, then one probe decides. The numbers are those of the plans that use the region.
package struct Breakers: Sendable {
    package typealias Policy = CircuitBreaker

    package struct Circuit: Sendable, Hashable {
        package enum State: Sendable, Hashable {
            case closed
            case open(until: Instant)
            case halfOpen
        }
        package var state = State.closed
        package var failures: [Instant] = []
        package var since: Timestamp?
        package var probeAt: Timestamp?
        package init() {}
    }

    package private(set) var circuits: [String: [String: Circuit]] = [:]

    package init() {}

    /// Whether a call may go out now; an open circuit whose time has come lets one probe through.
    package mutating func admits(region: String, now: Moment) -> Bool {
        guard let here = circuits[region] else { return true }
        // All of them first: a circuit that is half open without a probe under way would stay so.
        for circuit in here.values {
            switch circuit.state {
            case .closed: continue
            case .halfOpen: return false
            case .open(let until): guard now.instant >= until else { return false }
            }
        }
        for name in here.keys {
            guard case .open = here[name]?.state else { continue }
            circuits[region]?[name]?.state = .halfOpen
            circuits[region]?[name]?.since = now.wall
        }
        return true
    }

    package mutating func succeeded(region: String) { circuits[region] = nil }

    /// The provider gave some answer: it can be reached and it takes our calls. Whether it has room it did not say.
    package mutating func answered(region: String) {
        guard let here = circuits[region] else { return }
        let left = here.filter { name, circuit in Breakers.aboutRoom.contains(name) && circuit.state != .halfOpen }
        circuits[region] = left.isEmpty ? nil : left
    }

    private static let aboutRoom: Set<String> = [
        ProviderError.Code.capacity.rawValue, ProviderError.Code.quota.rawValue,
    ]

    /// Counts a failure; true if this one opened the circuit. Errors that say nothing about the provider's health
    /// are not counted.
    @discardableResult
    package mutating func failed(
        region: String, code: ProviderError.Code, now: Moment, policy: Policy = Policy()
    ) -> Bool {
        guard policy.enabled else {
            circuits[region] = nil
            return false
        }
        switch code {
        case .throttled, .capacity, .quota, .unavailable, .unauthorised: break
        case .notFound, .conflict, .invalid:
            answered(region: region)
            return false
        case .unknownOutcome:
            reopen(region, now, policy)
            return false
        }
        reopen(region, now, policy)
        var circuit = circuits[region]?[code.rawValue] ?? Circuit()
        circuit.failures = circuit.failures.filter { now.instant - $0 < policy.window } + [now.instant]
        circuit.failures = circuit.failures.suffix(policy.failureThreshold)
        let wasOpen = circuit.state != .closed
        if wasOpen || circuit.failures.count >= policy.failureThreshold {
            circuit.state = .open(until: now.instant + policy.openFor)
            circuit.probeAt = (now.wall + policy.openFor).wholeSeconds
            if !wasOpen { circuit.since = now.wall }
        }
        circuits[region, default: [:]][code.rawValue] = circuit
        return !wasOpen && circuit.state != .closed
    }

    /// A probe that failed, or that told nothing, must not be waited for any longer.
    private mutating func reopen(_ region: String, _ now: Moment, _ policy: Policy) {
        for (name, circuit) in circuits[region] ?? [:] where circuit.state == .halfOpen {
            circuits[region]?[name]?.state = .open(until: now.instant + policy.openFor)
            circuits[region]?[name]?.probeAt = (now.wall + policy.openFor).wholeSeconds
        }
    }

    /// When the next probe may go out, if the region is closed to calls.
    package func opensAt(region: String) -> Instant? {
        (circuits[region] ?? [:]).values.compactMap { circuit in
            if case .open(let until) = circuit.state { until } else { nil }
        }.max()
    }

    /// For status, by region, in order of class: those that are not closed. What a closed one has counted is no news.
    package func records(now: Moment) -> [String: [CircuitStatus]] {
        circuits.isEmpty ? [:] : circuits.mapValues { records($0, now: now) }
    }

    package func records(of region: String, now: Moment) -> [CircuitStatus] {
        circuits[region].map { records($0, now: now) } ?? []
    }

    private func records(_ circuits: [String: Circuit], now: Moment) -> [CircuitStatus] {
        circuits.filter { $0.value.state != .closed }.sorted { $0.key < $1.key }.map { name, circuit in
            var record = CircuitStatus()
            record.errorClass = name
            record.failures = circuit.failures.count
            record.since = circuit.since?.wholeSeconds
            switch circuit.state {
            case .closed: record.state = .closed
            case .halfOpen: record.state = .halfOpen
            case .open(let until):
                // Past its time it waits for somebody to try: nothing must be held back for it.
                record.state = now.instant < until ? .open : .halfOpen
                record.probeAt = circuit.probeAt
            }
            return record
        }
    }
}

extension Breakers {
    /// What the unfinished plans that name a region ask for: the one that stops calls soonest, or none at all where
    /// every one of them switches it off.
    package static func policy(region: String, _ cache: Cache) -> Policy {
        let asked = cache.plans.values.map(\.object).filter { plan in
            !plan.status.phase.isTerminal && plan.spec.regions.contains { $0.region == region }
        }.map(\.spec.faultTolerance.circuitBreaker)
        let strictest = asked.filter(\.enabled).min {
            ($0.failureThreshold, $1.openFor, $0.window) < ($1.failureThreshold, $0.openFor, $1.window)
        }
        return strictest ?? asked.first ?? Policy()
    }
}
