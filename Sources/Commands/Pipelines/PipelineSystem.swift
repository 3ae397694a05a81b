import ArgumentParser

/// The CI system that reads what is printed.
enum PipelineSystem: String, CaseIterable, ExpressibleByArgument, Sendable {
    case none, github, gitlab

    static func detect(_ environment: [String: String]) -> PipelineSystem {
        if environment["GITHUB_ACTIONS"] == "true" { return .github }
        if environment["GITLAB_CI"] == "true" { return .gitlab }
        return .none
    }
}
