import Agent
import Coordinator
import Gateway
import Model
import WorkerProtocol

// The network between agents and the gateway: it loses, repeats and delays, beyond the life of who sent.
extension World {
    mutating func ask(_ agent: Int, _ call: AgentCall, _ number: Int, _ payload: SimulatedRequest.Payload) {
        let id = newRequest(
            SimulatedRequest(agent: agent, call: call, number: number, payload: payload, isCopy: false))
        let route: GatewayRoute = call == .join ? .join : call == .renew ? .renew : .exchange
        add(.requestTimesOut(id), after: route.timeout)
        guard !isCut(agent) else { return }
        let weather = weather()
        if !chance.percent(weather.drop) { add(.requestArrives(id), after: latency(weather)) }
        if chance.percent(weather.duplicate) {
            let copy = newRequest(
                SimulatedRequest(agent: agent, call: call, number: number, payload: payload, isCopy: true))
            add(.requestArrives(copy), after: latency(weather) + chance.milliseconds(0...15_000))
        }
    }

    private mutating func newRequest(_ request: SimulatedRequest) -> UInt64 {
        lastRequest += 1
        requests[lastRequest] = request
        return lastRequest
    }

    private func weather() -> (drop: Int, duplicate: Int, delay: Duration) {
        for fault in activeFaults {
            if case .lossyNetwork(let drop, let duplicate, let delay) = fault.kind { return (drop, duplicate, delay) }
        }
        return (0, 0, .zero)
    }

    private mutating func latency(_ weather: (drop: Int, duplicate: Int, delay: Duration)) -> Duration {
        let extra = Int(weather.delay.milliseconds)
        return .microseconds(Int64(chance.within(200...8000)))
            + .milliseconds(Int64(extra > 0 ? chance.below(extra) : 0))
    }

    func isCut(_ agent: Int) -> Bool {
        activeFaults.contains { fault in
            guard case .partition(let which) = fault.kind else { return false }
            return which == nil || which == agent
        }
    }

    private func isLiar(_ agent: Int) -> Bool {
        activeFaults.contains { if case .liar(agent) = $0.kind { true } else { false } }
    }

    mutating func requestArrives(_ id: UInt64) {
        guard let request = requests[id] else { return }
        if isCut(request.agent) { return }
        let alive = aliveControllers
        guard !alive.isEmpty else { return add(.answerArrives(id, .unreachable), after: .milliseconds(2)) }
        let controller = alive.count == 1 ? alive[0] : chance.pick(alive)
        requests[id]?.controller = controller
        tryController(controller, request)
        let call = CallID(id)
        switch request.payload {
        case .join(let join): tell(controller, .join(call, join, token: World.hash(join.token.text)))
        case .exchange(let exchange, let credential):
            let told = tampered(exchange)
            tell(controller, .exchange(call, told, credential: credential))
        case .renew(var renew, let credential):
            // A leader that never was: what one agent says of it moves nothing of anybody else's (S18).
            if isLiar(request.agent) { renew.epoch = Int.max }
            tell(controller, .renew(call, renew, credential: credential))
        }
    }

    /// A controller's answer to a call.
    mutating func reply(_ call: CallID, _ answer: GatewayAnswer) {
        guard let request = requests[call.number], !request.isAnswered else { return }
        requests[call.number]?.isAnswered = true
        // A copy may come before what it is a copy of: then it is the one that counts.
        if case .renewed = answer { noteRenewal(request) }
        if let controller = request.controller { judgeAnswer(controller, request, answer) }
        if request.isCopy { return _ = requests.removeValue(forKey: call.number) }
        let weather = weather()
        guard !isCut(request.agent), !chance.percent(weather.drop) else { return }
        let delay = latency(weather)
        switch answer {
        case .joined(let reply): add(.answerArrives(call.number, .joined(reply)), after: delay)
        case .exchanged(let reply):
            add(.answerArrives(call.number, .exchanged(tampered(reply, to: request))), after: delay)
        // Whether a log may be written the world asks the gateway itself.
        case .mayWrite: break
        case .renewed(let reply): add(.answerArrives(call.number, .renewed(reply)), after: delay)
        case .refused(let refusal):
            witness.mark("gateway \(refusal.code.rawValue)")
            add(.answerArrives(call.number, .refused(refusal)), after: delay)
        }
    }

    mutating func answerArrives(_ id: UInt64, _ answer: Answer) {
        guard let request = requests.removeValue(forKey: id), !request.isCopy else { return }
        switch answer {
        case .joined(let reply):
            if agents[request.agent].isAlive {
                agents[request.agent].terms = reply
                agents[request.agent].leaseDuration = reply.lostAfter - reply.renew
            }
            tellAgent(request.agent, .joined(reply, number: request.number))
        case .exchanged(let reply):
            tryAgent(request.agent, number: request.number)
            tellAgent(request.agent, .exchanged(reply, number: request.number))
        case .renewed(let reply): tellAgent(request.agent, .renewed(reply, number: request.number))
        case .refused(let refusal):
            tellAgent(request.agent, .failed(request.call, number: request.number, .refused(refusal)))
        case .unreachable:
            tellAgent(request.agent, .failed(request.call, number: request.number, .unreachable("connection refused")))
        }
    }

    mutating func requestTimesOut(_ id: UInt64) {
        guard let request = requests.removeValue(forKey: id) else { return }
        judgePoll(request)
        if let controller = request.controller, !request.isAnswered { tell(controller, .abandoned(CallID(id))) }
        tellAgent(request.agent, .failed(request.call, number: request.number, .unreachable("no answer in time")))
    }
}
