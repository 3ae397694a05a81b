package import Model

/// Which service of a provider makes a pool's workers, and the rule that says so.
///
/// What the pool names wins. Otherwise, the first that holds:
/// - aws: a GPU → EC2; burst → Fargate; type CloudVM → EC2; else ECS.
/// - gcp: serverlessPreferred → CloudRun; else ComputeEngine.
/// - azure: ContainerInstances. kubernetes: Pod. docker: Container. local: Process. edge: Device.
package enum BackendRule {
    package struct Choice: Sendable, Hashable {
        package let backend: Backend
        /// The rule in a sentence: `aws: burst → Fargate`.
        package let rule: String
    }

    /// The pool names a backend that its region's provider does not have.
    package struct Mismatch: Error, Hashable, CustomStringConvertible {
        package let backend: Backend
        package let provider: ProviderKind

        package init(backend: Backend, provider: ProviderKind) {
            self.backend = backend
            self.provider = provider
        }

        package var description: String {
            let known = BackendRule.backends(of: provider).map(\.rawValue).joined(separator: ", ")
            return
                "spec.worker.backend: \(backend.rawValue) is not a backend of \(provider.rawValue); use \(known), or "
                + "leave it out"
        }
    }

    package static func backends(of provider: ProviderKind) -> [Backend] {
        switch provider {
        case .aws: [.ec2, .ecs, .fargate]
        case .gcp: [.computeEngine, .cloudRun]
        case .azure: [.containerInstances]
        case .kubernetes: [.pod]
        case .docker: [.container]
        case .local: [.process]
        case .edge: [.device]
        }
    }

    package static func choose(_ template: WorkerTemplate, _ provider: ProviderKind) throws(Mismatch)
        -> Choice
    {
        if let named = template.backend {
            guard backends(of: provider).contains(named) else {
                throw Mismatch(backend: named, provider: provider)
            }
            return Choice(backend: named, rule: "the pool names \(named.rawValue)")
        }
        func rule(_ backend: Backend, _ because: String) -> Choice {
            Choice(backend: backend, rule: "\(provider.rawValue): \(because) → \(backend.rawValue)")
        }
        let wantsGPU = template.resources?.gpu.map { $0.count > 0 || $0.model != nil } ?? false
        switch provider {
        case .aws where wantsGPU || template.instanceTypes.contains(where: hasGPU): return rule(.ec2, "GPU")
        case .aws where template.burst: return rule(.fargate, "burst")
        case .aws where template.type == .cloudVM: return rule(.ec2, "type CloudVM")
        case .aws: return rule(.ecs, "neither GPU, burst nor CloudVM")
        case .gcp where template.serverlessPreferred: return rule(.cloudRun, "serverlessPreferred")
        case .gcp: return rule(.computeEngine, "not serverlessPreferred")
        case .azure, .kubernetes, .docker, .local, .edge:
            return rule(backends(of: provider)[0], "its only backend")
        }
    }

    private static func hasGPU(_ instanceType: String) -> Bool {
        Catalog.offering(.aws, instanceType)?.resources.gpu != nil
    }
}
