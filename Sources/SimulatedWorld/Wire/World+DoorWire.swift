import Coordinator
import Engine
import Model
import Ports

/// What an outsider notes of the calls of one controller about one worker.
struct DoorSeen: Sendable {
    struct Key: Sendable, Hashable {
        let controller: Int
        let worker: String
    }

    var inFlight = false
    /// Failures in a row, and the least time to wait after the last.
    var failures = 0
    var notBefore = Instant.origin
}

/// A circuit breaker of an outsider's own: the failures of one region, by class.
struct CircuitSeen: Sendable {
    struct Key: Sendable, Hashable {
        let controller: Int
        let region: String
    }

    private var failures: [String: [Instant]] = [:]
    private(set) var openUntil: Instant?
    private var isTried = false

    /// A call goes out; false where another one is already trying a circuit that was open.
    mutating func tries(at now: Instant) -> Bool {
        guard let openUntil, now >= openUntil else { return true }
        defer { isTried = true }
        return !isTried
    }

    mutating func failed(_ code: ProviderError.Code, _ policy: CircuitBreaker, at now: Instant) {
        switch code {
        case .throttled, .capacity, .quota, .unavailable, .unauthorised: break
        case .unknownOutcome:
            if isTried { (openUntil, isTried) = (now + policy.openFor, false) }
            return
        // The provider answered: what that says of others is not judged here.
        case .notFound, .conflict, .invalid: return self = CircuitSeen()
        }
        guard policy.enabled else { return self = CircuitSeen() }
        let recent = (failures[code.rawValue] ?? []).filter { now - $0 < policy.window } + [now]
        failures[code.rawValue] = recent.suffix(policy.failureThreshold)
        guard isTried || recent.count >= policy.failureThreshold else { return }
        (openUntil, isTried) = (max(openUntil ?? now, now + policy.openFor), false)
    }
}

// Calls go out one at a time a worker, after their back-off, and none through an open circuit.
extension World {
    mutating func judgeCall(_ index: Int, _ call: WorkerCall) {
        let key = DoorSeen.Key(controller: index, worker: call.workerUID)
        var seen = witness.doors[key] ?? DoorSeen()
        if seen.inFlight {
            fail(.noDoubleCreate, "controller \(index) calls about \(call.worker) while it waits for an answer")
        }
        if now < seen.notBefore {
            fail(
                .load,
                "controller \(index) calls again about \(call.worker) after \(seen.failures) failures, "
                    + "\((seen.notBefore - now).text) too early")
        }
        let region = CircuitSeen.Key(controller: index, region: call.region)
        if let until = witness.circuits[region]?.openUntil, now < until {
            fail(
                .load, "controller \(index) calls \(call.region), whose circuit is open for \((until - now).text) more")
        }
        if witness.circuits[region]?.tries(at: now) == false {
            fail(.load, "controller \(index) calls \(call.region) while another call tries its circuit")
        }
        seen.inFlight = true
        witness.doors[key] = seen
    }

    /// An answer, before the controller handles it.
    mutating func noteCalled(_ index: Int, _ input: CoordinatorCore.Input) {
        switch input {
        case .called(let call, let result):
            let key = DoorSeen.Key(controller: index, worker: call.workerUID)
            var seen = witness.doors[key] ?? DoorSeen()
            seen.inFlight = false
            let region = CircuitSeen.Key(controller: index, region: call.region)
            switch result {
            case .success:
                (seen.failures, seen.notBefore) = (0, .origin)
                witness.circuits[region] = nil
            case .failure(let error):
                seen.failures += 1
                let step = min(Duration.seconds(1 << Int64(min(seen.failures - 1, 20))), .minutes(5))
                seen.notBefore = now + max(step / 2, error.retryAfter ?? .zero)
                let policy = Breakers.policy(region: call.region, cores[index].engine.cache)
                witness.circuits[region, default: CircuitSeen()].failed(error.code, policy, at: now)
            }
            witness.doors[key] = seen
        case .inventoried(let region, let result, _):
            let key = CircuitSeen.Key(controller: index, region: region)
            switch result {
            case .success: witness.circuits[key] = nil
            case .failure(let error):
                witness.circuits[key, default: CircuitSeen()].failed(error.code, CircuitBreaker(), at: now)
            }
        default: break
        }
    }

    /// A provider that makes what it is asked for has no open circuit.
    mutating func judgeCircuit(_ index: Int, _ input: CoordinatorCore.Input) {
        guard case .called(let call, .success) = input, call.verb == .create,
            cores[index].engine.breakers.circuits[call.region]?.values.contains(where: { $0.state != .closed }) == true
        else { return }
        fail(.load, "\(call.region) makes what it is asked for, and its circuit is not closed")
    }
}
