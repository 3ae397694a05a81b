package import Model

/// How many workers a pool should have, and why. Pure: the controller brings what it observed and the
/// forecast.
///
/// The laws, in the order they are applied:
/// 1. `replicas` without `autoscaling`, or where scaling is left to a person, fixes the size.
/// 2. Tasks that wait for the pool and fit it bring the workers they fill, at once, whatever the forecast
///    says.
/// 3. With `autoscaling`: gap = forecast utilisation / target − 1. Strictly above +threshold the pool grows,
///    strictly below −threshold it shrinks, to live × forecast / target rounded up; exactly the threshold
///    changes nothing. Both wait for their cooldown.
/// 4. Without it the pool shrinks to the workers that are busy, or that a next task will use.
/// 5. Only idle workers are given up, only while no task waits, and each only when the cooldown for going down has
///    passed since it fell idle itself.
/// 6. `minWorkers…maxWorkers` clamps, and a budget lets it grow only as far as it pays for.
package struct PoolDemand: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable { case up = "ScaleUp", down = "ScaleDown", hold = "Hold" }

    package struct Input: Sendable {
        /// Workers not gone, whatever their state.
        package var live = 0
        /// Of those, the ones not Online yet.
        package var provisioning = 0
        /// Of those that are Online, the ones without a task for as long as the cooldown, that no next task will use.
        package var idle = 0
        /// Without a task, and held for one that comes next.
        package var kept = 0
        /// Without a task, and not yet for as long as the cooldown.
        package var resting = 0
        /// `PoolNeed.tasks` and `.workers` of the last placement round.
        package var waitingTasks = 0
        package var waitingWorkers = 0
        /// Utilisation expected at the horizon, in percent of what the live workers offer; nil: nothing
        /// measured.
        package var forecastPercent: Double?
        /// Time since the last step; nil: none yet.
        package var sinceScale: Duration?
        package var slotsPerWorker = 1
        package var pricePerWorker = Money.zero
        /// How far budgets let the pool grow; see `BudgetGate`.
        package var budget = BudgetGate.Answer(workers: nil, refusal: nil)
        /// False where the region's autoscaling switch is off, or the scaling of all plans that use it is Manual: the
        /// size stays what it was to be, or what a person sets in `replicas`.
        package var mayScale = true
        /// What the size was to be before; nil: as many as live.
        package var standing: Int?
        /// Workers go when the work does: minimum 0 whatever the spec says (`--once` with local workers).
        package var onDemand = false

        package init() {}
    }

    package let desired: Int
    package let action: Action
    /// Workers more or fewer than live.
    package let delta: Int
    /// What the pool costs at the desired size.
    package let ratePerHour: Money
    /// Slots at the desired size.
    package let capacity: Int
    /// BudgetExceeded where a budget kept it smaller than wanted; else ScalingUp, ScalingDown, AtSize or
    /// SwitchedOff.
    package let cause: Reason
    package let reason: String

    package static func desired(_ spec: WorkerPoolSpec, _ input: Input) -> PoolDemand {
        let minimum = input.onDemand && input.mayScale ? 0 : spec.minWorkers
        let maximum = max(minimum, spec.maxWorkers)
        let wish = wanted(spec, input)
        var (size, reason) = (min(max(wish.size, minimum), maximum), wish.reason)
        if wish.size > maximum { reason += "; at most \(maximum)" }
        if wish.size < minimum {
            reason = minimum == input.live ? "at its minimum of \(minimum)" : "at least \(minimum)"
        }

        // The switch stops scaling, not the bounds the user set.
        if !input.mayScale, spec.replicas == nil {
            let held = min(max(input.standing ?? input.live, minimum), maximum)
            if size != held {
                reason = "would scale from \(held) to \(size) (\(reason)), but scaling is switched off"
                if held == input.live { return PoolDemand(held, .switchedOff, reason, input) }
            }
            size = held
        }
        if size > input.live, let affordable = input.budget.workers, size - input.live > affordable {
            let refusal = input.budget.refusal ?? "the budget pays for \(affordable) more"
            return PoolDemand(
                input.live + max(0, affordable), .budgetExceeded, "wants \(size) (\(reason)), but \(refusal)",
                input)
        }
        let cause: Reason = size > input.live ? .scalingUp : size < input.live ? .scalingDown : .atSize
        return PoolDemand(size, cause, reason, input)
    }

    private init(_ desired: Int, _ cause: Reason, _ reason: String, _ input: Input) {
        self.desired = desired
        delta = desired - input.live
        action = delta > 0 ? .up : delta < 0 ? .down : .hold
        let (rate, overflow) = input.pricePerWorker.micros.multipliedReportingOverflow(by: Int64(desired))
        ratePerHour = Money(micros: overflow ? .max : rate)
        capacity = desired * input.slotsPerWorker
        self.cause = cause
        self.reason = reason
    }

    private static func wanted(_ spec: WorkerPoolSpec, _ input: Input) -> (size: Int, reason: String) {
        if let replicas = spec.replicas, spec.autoscaling == nil || !input.mayScale {
            return (replicas, "replicas is \(replicas)")
        }
        let present = max(0, input.live - input.provisioning)
        if input.waitingTasks > 0 {
            let size = present + input.waitingWorkers
            if size > input.live {
                let (tasks, workers) = (input.waitingTasks, input.waitingWorkers)
                return (
                    size,
                    "\(tasks) \(tasks == 1 ? "task waits" : "tasks wait") for \(workers) \(workers == 1 ? "worker" : "workers")"
                )
            }
        }
        guard let autoscaling = spec.autoscaling else {
            return shrunk(to: present - input.idle, "\(input.idle) idle", input)
        }
        guard let forecast = input.forecastPercent, input.live > 0 else {
            return shrunk(to: present - input.idle, "\(input.idle) idle, nothing forecast", input)
        }
        return stepped(autoscaling, forecast, input)
    }

    private static func stepped(
        _ autoscaling: Autoscaling, _ forecast: Double, _ input: Input
    ) -> (size: Int, reason: String) {
        let target = max(1, autoscaling.targetCPUPercent)
        let threshold = autoscaling.thresholdPercent
        let gap = ThresholdRule.gap(forecast: forecast, target: target, threshold: threshold)
        let sign = forecast >= Double(target) ? "+" : "-"
        let off = decimalText((forecast / Double(target) - 1).magnitude * 100, places: 0)
        let text = "forecast \(decimalText(forecast, places: 0))% is \(sign)\(off)% of the target \(target)%"
        let share = min(max(0, Double(input.live) * forecast / Double(target)), 1_000_000)
        let size = Int(share) + (Double(Int(share)) < share ? 1 : 0)
        switch gap {
        case .within: return (input.live, "\(text), within ±\(threshold)%")
        case .above:
            if let since = input.sinceScale, since < autoscaling.cooldown.up {
                return (
                    input.live, "\(text), but scaled \(since.text) ago: waits \(autoscaling.cooldown.up.text)"
                )
            }
            return (max(size, input.live + 1), text)
        case .below: return shrunk(to: size, text, input)
        }
    }

    private static func shrunk(to size: Int, _ why: String, _ input: Input) -> (size: Int, reason: String) {
        if input.waitingTasks > 0 {
            return (
                input.live,
                "\(input.waitingTasks) \(input.waitingTasks == 1 ? "task waits" : "tasks wait") for workers on the way"
            )
        }
        let target = max(size, input.live - input.idle)
        if target >= input.live {
            if input.idle > 0 { return (input.live, "sized to its load") }
            if input.kept > 0 { return (input.live, "\(input.kept) idle, held for tasks that come next") }
            if input.resting > 0 { return (input.live, "\(input.resting) idle, not yet for as long as the cooldown") }
            return (input.live, "no worker is idle")
        }
        return (target, why)
    }
}

/// Whether a forecast is far enough from its target to act on: strictly more than the threshold either way.
package enum ThresholdRule: Sendable, Hashable {
    case above, within, below

    /// `forecast` and `target` in percent of capacity, `threshold` in percent of the target. 72 against 60 is
    /// exactly 20 % above, and within.
    package static func gap(forecast: Double, target: Int, threshold: Int) -> ThresholdRule {
        let scaled = forecast * 100
        if scaled > Double(target * (100 + threshold)) { return .above }
        return scaled < Double(target * (100 - threshold)) ? .below : .within
    }
}
