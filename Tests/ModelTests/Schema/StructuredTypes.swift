import Model

/// Every type with a shape, for the tests that go over all of them.
let structuredTypes: [any Structured.Type] =
    regionTypes + poolTypes + planTypes + taskTypes + [
        Condition.self, OwnerReference.self, ObjectMeta.self, SyncPointSpec.self, Participant.self,
        Communication.self,
        SyncPointStatus.self, Arrival.self, SyncPointSummary.self, WorkerSpec.self, WorkerStatus.self,
        FailureRecord.self, WorkerSummary.self,
    ]

private let regionTypes: [any Structured.Type] = [
    RegionSpec.self, Location.self, Pricing.self, Switches.self, Budget.self, ProviderSpec.self,
    SecretReference.self,
    AWSRegion.self, GCPRegion.self, AzureRegion.self, KubernetesRegion.self, DockerRegion.self, DockerVolume.self,
    LocalRegion.self,
    EdgeRegion.self, RegionStatus.self, RegionSummary.self, Accrual.self, CircuitStatus.self,
]

private let poolTypes: [any Structured.Type] = [
    WorkerPoolSpec.self, WorkerTemplate.self, Spot.self, EnvironmentVariable.self, SecretKeyReference.self,
    Resources.self, GPU.self, AWSWorker.self, GCPWorker.self, AzureWorker.self, KubernetesWorker.self,
    Autoscaling.self, Forecast.self, Cooldown.self, HealthCheck.self, LeaseSpec.self, Disruption.self,
    WorkerPoolStatus.self, SlotRecord.self, ScaleRecord.self, PriceRecord.self,
]

private let planTypes: [any Structured.Type] = [
    ExecutionPlanSpec.self, Scheduling.self, Weights.self, PlanRegion.self, External.self, PlanTask.self,
    Synchronization.self, PlanPoint.self, FaultTolerance.self, CircuitBreaker.self, FailoverRule.self,
    Failback.self,
    Disconnect.self, Alerts.self, ExecutionPlanStatus.self, TaskCounts.self, PlanRegionStatus.self,
    PlanPlacement.self, CompletionEstimate.self, PlanCost.self, RiskRecord.self, RecoveryRecord.self,
    ExternalStatus.self, PlanSummary.self,
]

private let taskTypes: [any Structured.Type] = [
    TaskSpec.self, RunSpec.self, RetryPolicy.self, Backoff.self, Requirements.self, DataLocality.self,
    RegionFilter.self, TaskStatus.self, Assignment.self, AttemptRecord.self, PlacementRecord.self,
    CandidateRecord.self,
]
