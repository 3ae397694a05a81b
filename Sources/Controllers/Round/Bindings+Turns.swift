import Model
import Placement

extension [Binding] {
    /// The first so many, in their order; where there are more, namespaces take turns, so that one that is given
    /// thousands of places at once does not put off the one place of another.
    func inTurns(_ most: Int) -> [Binding] {
        guard count > most else { return self }
        var met: [String: Int] = [:]
        let turns = map { binding in
            let turn = met[binding.task.namespace, default: 0]
            met[binding.task.namespace] = turn + 1
            return turn
        }
        return indices.sorted { (turns[$0], $0) < (turns[$1], $1) }.prefix(most).map { self[$0] }
    }
}
