import Model
import Placement
import Testing

struct BackendRuleTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let provider: ProviderKind
        let backend: Backend
        let rule: String
        let edit: @Sendable (inout WorkerTemplate) -> Void
        var testDescription: String { rule }
    }

    static func gpu(_ template: inout WorkerTemplate) {
        template.resources = Resources()
        template.resources?.gpu = GPU()
        template.resources?.gpu?.count = 1
    }

    @Test(arguments: [
        Row(provider: .aws, backend: .ec2, rule: "aws: GPU → EC2") {
            $0.burst = true
            gpu(&$0)
        },
        Row(provider: .aws, backend: .ec2, rule: "aws: GPU → EC2") { $0.instanceTypes = ["g4dn.xlarge"] },
        Row(provider: .aws, backend: .fargate, rule: "aws: burst → Fargate") {
            $0.burst = true
            $0.type = .cloudVM
        },
        Row(provider: .aws, backend: .ec2, rule: "aws: type CloudVM → EC2") { $0.type = .cloudVM },
        Row(provider: .aws, backend: .ecs, rule: "aws: neither GPU, burst nor CloudVM → ECS") {
            $0.type = .container
        },
        Row(provider: .gcp, backend: .cloudRun, rule: "gcp: serverlessPreferred → CloudRun") {
            $0.serverlessPreferred = true
        },
        Row(provider: .gcp, backend: .computeEngine, rule: "gcp: not serverlessPreferred → ComputeEngine") {
            _ in
        },
        Row(
            provider: .azure, backend: .containerInstances,
            rule: "azure: its only backend → ContainerInstances"
        ) { _ in },
        Row(provider: .kubernetes, backend: .pod, rule: "kubernetes: its only backend → Pod") { _ in },
        Row(provider: .docker, backend: .container, rule: "docker: its only backend → Container") { _ in },
        Row(provider: .local, backend: .process, rule: "local: its only backend → Process") { _ in },
        Row(provider: .edge, backend: .device, rule: "edge: its only backend → Device") { _ in },
        Row(provider: .aws, backend: .ecs, rule: "the pool names ECS") {
            $0.backend = .ecs
            $0.burst = true
        },
    ])
    func rule(_ row: Row) throws {
        var template = WorkerTemplate()
        row.edit(&template)
        let choice = try BackendRule.choose(template, row.provider)
        #expect(choice.backend == row.backend)
        #expect(choice.rule == row.rule)
    }

    @Test func aBackendOfAnotherProviderIsRefused() {
        var template = WorkerTemplate()
        template.backend = .pod
        #expect(throws: BackendRule.Mismatch(backend: .pod, provider: .aws)) {
            try BackendRule.choose(template, .aws)
        }
        #expect(
            "\(BackendRule.Mismatch(backend: .pod, provider: .aws))"
                == "spec.worker.backend: Pod is not a backend of aws; use EC2, ECS, Fargate, or leave it out")
    }
}
