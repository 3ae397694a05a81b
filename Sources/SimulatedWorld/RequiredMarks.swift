/// What the worlds must reach: a rule that no run gets to is a rule that no run can find broken. Transitions and
/// reasons of tasks, plans, pools, workers, regions and sync points, what is refused and by whom, what goes wrong and
/// what people do. `simulate --require-marks` fails where one of them is missing.
package enum RequiredMarks {
    package static let all: [String] = table.split(separator: "\n").flatMap { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return parts[1].split(separator: ",").map { "\(parts[0])\($0)" }
    }

    /// Those that were not reached, in the order of the list.
    package static func missing(from marks: [String: Int]) -> [String] { all.filter { marks[$0] == nil } }

    /// A kind of mark a line, and those of it.
    private static let table = """
        circuit: HalfOpen, Open
        crash: applied, before, replied
        deed: apply, arrive, cancel, create, createOnceGone, delete, deleteWorker, forge, limitAge, maintain, \
        recreate, resume, scale, set ExecutionPlan budget, set ExecutionPlan scheduling.maxConcurrentTasks, \
        set ExecutionPlan scheduling.timeout, set Region allowedNamespaces, set Region budget, \
        set Region regulations, set WorkerPool autoscaling, set WorkerPool budget, \
        set WorkerPool worker.costPerHour, set WorkerPool worker.maxConcurrentTasks, suspend
        downtime: measured
        fault: brokenWatch, crash, culling, deadOnArrival, freezeAgent, freezeController, gap, killAgent, \
        killAttempt, lateCreates, liar, listLag, lossyNetwork, partition, poison, providerFails, repliesLost, \
        restartAgent, secondLeader, slowStore, slowWatch, stopWorker, storeFails
        gateway: Gone, NotLeading, Superseded
        plan: Blocked>Failed TimedOut, Blocked>Planning Planning, Blocked>Running Cancelled, \
        Blocked>Running Running, Pending>Blocked PoolNotFound, Pending>Blocked RegionNotFound, \
        Pending>Blocked Suspended, Pending>Cancelled Cancelled, Pending>Planning Planning, \
        Planning>Blocked BudgetExceeded, Planning>Blocked NoFeasibleWorker, \
        Planning>Blocked ResidencyBlocked, Planning>Blocked ScaleRecommended, \
        Planning>Blocked WaitingForExternal, Planning>Failed TimedOut, Planning>Running Running, \
        Running>Blocked AwaitingDecision, \
        Running>Blocked BudgetExceeded, Running>Blocked NoFeasibleWorker, Running>Blocked PoolNotFound, \
        Running>Blocked RegionNotFound, Running>Blocked ResidencyBlocked, Running>Blocked ScaleRecommended, \
        Running>Blocked Suspended, Running>Blocked WaitingForExternal, \
        Running>Cancelled Cancelled, Running>Failed Failed, Running>Failed TimedOut, \
        Running>Succeeded Completed
        point: Failed, Held, Released, Waiting
        pool: AtSize, BelowSize, NotAllowed, ProvisioningFailed, RegionNotFound, Suspended
        provider: capacity, quota, throttled, unavailable
        refused: conflict, staleEpoch
        region: CapabilitiesOff True SwitchedOff, PartlySupported True NotYetSupported, \
        Ready False CircuitOpen, Ready False ProviderUnavailable, Ready True ProviderReady, Ready Unknown Waiting, \
        Reconciling True Deleting, RegionDown False Online, RegionDown True AllSilent, \
        Rehearsed True LocalRehearsal
        task: Assigned Assigned, Cancelled Cancelled, Cancelled DependencyFailed, Cancelled SyncPointFailed, \
        Cancelled TimedOut, Failed CouldNotStart, Failed ExitedNonZero, Failed KilledBySignal, Failed WorkerLost, \
        Pending AwaitingDecision, Pending BudgetExceeded, Pending ConcurrencyLimit, Pending Fenced, \
        Pending NoFeasibleWorker, Pending ProvisioningWorkers, Pending ResidencyBlocked, Pending RetryBackoff, \
        Pending ScaleRecommended, Pending Suspended, Pending WaitingForDependencies, Pending WaitingForExternal, Pending WaitingForRound, \
        Pending WaitingForSyncPoint, Running Running, Skipped Skipped, Succeeded Completed, TimedOut TimedOut
        worker: Busy, Draining, Failed JoinTimeout, Failed LeaseExpired, Failed Misbehaving, Failed NotAllowed, \
        Failed ProcessExited, Failed ProvisioningFailed, Maintenance, Offline, Online, Provisioning
        """
}
