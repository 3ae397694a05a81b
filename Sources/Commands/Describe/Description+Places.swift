import Model
import Tree

/// Pages of regions, pools, workers and sync points.
extension Description {
    mutating func region(_ region: Region, pools: [WorkerPool]) {
        let (spec, status) = (region.spec, region.status)
        field("Provider", spec.provider.kind?.rawValue)
        field("Role", spec.role.rawValue)
        list("Responsible for", spec.responsibilities)
        field(
            "Location",
            spec.location.map { location in
                [location.continent, location.country, location.latitude?.text, location.longitude?.text].compactMap {
                    $0
                }.joined(separator: " ")
            })
        field("Regulations", spec.regulations.isEmpty ? "none declared" : spec.regulations.joined(separator: ", "))
        let latencies = [spec.latency.map { "\($0.text) declared" }, status.latency.map { "\($0.text) measured" }]
        field("Latency", latencies.compactMap { $0 }.joined(separator: ", "))
        field("Availability", spec.availability.map { "\($0.text) declared" })
        field(
            "Price level",
            "× \(spec.pricing.multiplier.text)\(spec.pricing.egressPerGB.map { ", egress \(CellText.money($0)) per GB" } ?? "")"
        )
        budget(spec.budget)
        field(
            "Open to",
            spec.allowedNamespaces.isEmpty ? "all namespaces" : spec.allowedNamespaces.joined(separator: ", "))
        let switches = spec.capabilities
        let off = [
            (switches.resourceDiscovery, "resource discovery"), (switches.loadBalancing, "load balancing"),
            (switches.faultTolerance, "fault tolerance"), (switches.autoscaling, "autoscaling"),
        ].filter { !$0.0 }.map(\.1)
        field("Switched off", off.joined(separator: ", "))
        field("Workers", "\(status.readyWorkers) ready of \(status.workers)")
        field("Cost", "\(CellText.money(status.costPerHour))/h\(accrued(status.accrued))")
        let circuits = status.circuits.map { circuit -> [TextTable.Cell] in
            [
                TextTable.Cell(circuit.errorClass), .state(circuit.state.rawValue),
                TextTable.Cell(String(circuit.failures)),
                TextTable.Cell(age(circuit.since)), .optional(moment(circuit.probeAt)),
            ]
        }
        table("Circuit breakers", TextTable(["Error", "State", "Failures", "Since", "Next probe"], circuits))
        poolTable(pools)
        conditions(status.conditions)
    }

    private func accrued(_ accrual: Accrual?) -> String {
        accrual.map { ", \(CellText.money($0.today)) today, \(CellText.money($0.total)) in all" } ?? ""
    }

    private mutating func poolTable(_ pools: [WorkerPool]) {
        let rows = pools.map { pool -> [TextTable.Cell] in
            [
                TextTable.Cell("\(pool.metadata.namespace ?? "")/\(pool.metadata.name)"),
                .optional(pool.status.backend),
                TextTable.Cell("\(pool.status.readyReplicas)/\(pool.status.desiredReplicas)"),
                TextTable.Cell("\(CellText.money(pool.status.costPerHour))/h"),
            ]
        }
        table("Pools", TextTable(["Pool", "Backend", "Ready", "Cost"], rows))
    }

    mutating func pool(_ pool: WorkerPool, workers: [Worker]) {
        let (spec, status) = (pool.spec, pool.status)
        field("Region", spec.region)
        field(
            "Workers",
            "\(status.readyReplicas) ready, \(status.busyReplicas) busy, \(status.replicas) live, \(status.desiredReplicas) wanted"
        )
        field("Size", "\(spec.minWorkers) to \(spec.maxWorkers)\(spec.replicas.map { ", fixed at \($0)" } ?? "")")
        if spec.suspend { field("Suspended", "yes") }
        field("Type", spec.worker.type.rawValue)
        field("Backend", status.backend)
        field("Instance", status.instanceType)
        field("Choice", status.choice)
        field("Capabilities", spec.worker.capabilities.joined(separator: ", "))
        field("Resources", spec.worker.resources?.sentence)
        field(
            "Slots", spec.worker.maxConcurrentTasks.map { "\($0) a worker" } ?? "one for each processor that is rented")
        field("Price", status.price.map(price))
        field("Cost", "\(CellText.money(status.costPerHour))/h\(accrued(status.accrued))")
        budget(spec.budget)
        if let scaling = spec.autoscaling {
            field(
                "Autoscaling",
                "at \(scaling.targetCPUPercent) % CPU, steps past ±\(scaling.thresholdPercent) %, \(scaling.forecast.method.rawValue) over "
                    + "\(scaling.forecast.horizon.text)")
        }
        field("Lease", "renewed every \(spec.lease.renew.text), lost after \(spec.lease.lostAfter.text)")
        if let scale = status.lastScale {
            field("Last change", "\(scale.from) -> \(scale.to), \(age(scale.time)) ago: \(scale.reason)")
        }
        let slots = status.slots.filter { $0.failures > 0 }.map {
            "slot \($0.slot): \($0.failures) failures in a row\($0.retryAt.map { ", next try \($0.wholeSeconds)" } ?? "")"
        }
        list("Failing slots", slots)
        let rows = workers.map { worker -> [TextTable.Cell] in
            [
                TextTable.Cell(worker.metadata.name), .state(worker.status.state.rawValue),
                TextTable.Cell(worker.status.summary?.load ?? "0/\(worker.spec.maxConcurrentTasks)"),
                TextTable.Cell(String(worker.status.health)), TextTable.Cell(age(worker.metadata.creationTimestamp)),
                .optional(worker.status.providerID),
            ]
        }
        table("Workers", TextTable(["Worker", "State", "Load", "Health", "Age", "Provider ID"], rows))
        conditions(status.conditions)
    }

    private func price(_ price: PriceRecord) -> String {
        let source = [price.source, price.date].filter { !$0.isEmpty }.joined(separator: ", ")
        return "\(CellText.money(price.perHour))/h\(source.isEmpty ? "" : " (\(source))")"
    }

    mutating func worker(_ worker: Worker, tasks: [WorkTask]) {
        let (spec, status) = (worker.spec, worker.status)
        state("State", status.state.rawValue, status.failure.map { "\($0.reason): \($0.message)" })
        field("Pool", "\(spec.pool) (slot \(spec.slot), attempt \(spec.attempt))")
        field("Region", spec.region)
        field("Backend", spec.backend.rawValue)
        field("Instance", spec.instanceType)
        field("Capabilities", spec.capabilities.joined(separator: ", "))
        field("Resources", spec.resources.sentence)
        field("Slots", "\(status.tasks) of \(spec.maxConcurrentTasks) in use")
        field("Container engine", status.containerEngine.map { "API \($0)" } ?? "none")
        field("Isolation", status.isolation)
        field("Price", price(spec.price))
        field("Health", "\(status.health) of 100\(status.healthReason.map { ": \($0)" } ?? "")")
        if spec.maintenance { field("Maintenance", "drained within \(spec.drainDeadline.text)") }
        field("Provider ID", status.providerID)
        field("Address", status.address)
        field("Online since", moment(status.onlineAt))
        field("Last seen", moment(status.lastSeen))
        field("Draining since", moment(status.drainSince))
        if let failure = status.failure {
            field("Failed", "\(moment(failure.at) ?? "")\(failure.proven ? ", seen" : ", presumed from silence")")
        }
        if status.gone { field("Gone", "the provider confirmed that nothing of it is left") }
        let rows = tasks.map { task -> [TextTable.Cell] in
            let row = RunBoard.row(task)
            return [
                TextTable.Cell(row.key.name), .state(row.phase.rawValue), TextTable.Cell(String(row.attempt)),
                .optional(row.duration(now)?.age),
            ]
        }
        table("Tasks", TextTable(["Task", "Phase", "Attempt", "Duration"], rows))
        conditions(status.conditions)
    }

    mutating func point(_ point: SyncPoint, waiting: [WorkTask]) {
        let (spec, status) = (point.spec, point.status)
        state("State", status.state.rawValue, status.conditions[.succeeded]?.message)
        field("Plan", spec.plan)
        field("After", spec.after.joined(separator: ", "))
        field(
            "Quorum",
            spec.quorum == 0 ? "all \(spec.participants.count)" : "\(spec.quorum) of \(spec.participants.count)")
        field(
            "Timeout",
            spec.timeout == .zero
                ? "none" : "\(spec.timeout.text) from the first arrival, then \(spec.onTimeout.rawValue)")
        field("Told by", "\(spec.communication.method.rawValue)\(spec.communication.queue.map { " \($0)" } ?? "")")
        field("Generation", String(status.generation))
        field("Since", moment(status.since))
        field("Released", moment(status.releasedAt))
        let rows = spec.participants.map { party -> [TextTable.Cell] in
            let arrival = status.arrivals.first { $0.participant == party.identity }
            return [
                TextTable.Cell(party.identity),
                TextTable.Cell(arrival == nil ? "no" : "yes", arrival == nil ? .yellow : .green),
                .optional(moment(arrival?.at)),
                TextTable.Cell(status.published.contains(party.identity) ? "yes" : "no"),
            ]
        }
        table("Parties", TextTable(["Party", "Arrived", "When", "Told"], rows))
        list(
            "Waiting tasks",
            waiting.filter { !$0.status.phase.isTerminal && $0.status.phase == .pending }.map(\.spec.task))
        conditions(status.conditions)
    }
}
