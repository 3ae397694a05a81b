/// The names of a plan's children.
package enum TaskNames {
    package static func object(plan: String, task: String) -> String { "\(plan)-\(task)" }
    package static func syncPoint(plan: String, point: String) -> String { "\(plan)-\(point)" }
    package static func pool(plan: String, region: String) -> String { "\(plan)-\(region)" }
}
