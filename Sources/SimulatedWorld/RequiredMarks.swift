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
        crash: applied, before, replied
        deed: apply, arrive, cancel, create, createOnceGone, delete, deleteWorker, forge, limitAge, maintain, \
        recreate, resume, scale, set ExecutionPlan budget, set ExecutionPlan scheduling.maxConcurrentTasks, \
        set ExecutionPlan scheduling.timeout, set Region allowedNamespaces, set Region budget, \
        set Region regulations, set WorkerPool autoscaling, set WorkerPool budget, \
        set WorkerPool worker.costPerHour, set WorkerPool worker.maxConcurrentTasks, suspend
        downtime: measured
        fault: brokenWatch, crash, culling, deadOnArrival, freezeAgent, freezeController, gap, killAgent, \
        killAttempt, lateCreates, liar, listLag, lossyNetwork, partition, poison, providerFails, repliesLost, \
        restartAgent, secondLeader, slowWatch, stopWorker, storeFails
        gateway: Gone, NotLeading
        plan: Blocked>Failed TimedOut, Blocked>Planning Planning, Blocked>Running Cancelled, \
        Blocked>Running Running, Pending>Blocked PoolNotFound, Pending>Blocked RegionNotFound, \
        Pending>Blocked Suspended, Pending>Cancelled Cancelled, Pending>Planning Planning, \
        Planning>Blocked BudgetExceeded, Planning>Blocked NoFeasibleWorker, \
        Planning>Blocked WaitingForExternal, Planning>Running Running, Running>Blocked AwaitingDecision, \
        Running>Blocked BudgetExceeded, Running>Blocked NoFeasibleWorker, Running>Blocked PoolNotFound, \
        Running>Blocked ResidencyBlocked, Running>Blocked Suspended, Running>Blocked WaitingForExternal, \
        Running>Cancelled Cancelled, Running>Failed Failed, Running>Failed TimedOut, Running>Planning Planning, \
        Running>Succeeded Completed
        point: Failed, Released, Waiting
        pool: AtSize, BelowSize, NotAllowed, RegionNotFound, Suspended
        provider: capacity
        refused: conflict, staleEpoch
        region: CapabilitiesOff True SwitchedOff, Ready True ProviderReady, Ready Unknown Waiting, \
        Reconciling True Deleting, RegionDown False Online, RegionDown True AllSilent, \
        Rehearsed True LocalRehearsal
        task: Assigned Assigned, Cancelled Cancelled, Cancelled DependencyFailed, Cancelled SyncPointFailed, \
        Cancelled TimedOut, Failed CouldNotStart, Failed ExitedNonZero, Failed WorkerLost, \
        Pending AwaitingDecision, Pending BudgetExceeded, Pending ConcurrencyLimit, Pending Fenced, \
        Pending NoFeasibleWorker, Pending ProvisioningWorkers, Pending ResidencyBlocked, Pending RetryBackoff, \
        Pending Suspended, Pending WaitingForDependencies, Pending WaitingForExternal, Pending WaitingForRound, \
        Pending WaitingForSyncPoint, Running Running, Skipped Skipped, Succeeded Completed, TimedOut TimedOut
        worker: Busy, Draining, Failed LeaseExpired, Failed Misbehaving, Failed NotAllowed, \
        Failed ProcessExited, Maintenance, Online, Provisioning
        """
}
