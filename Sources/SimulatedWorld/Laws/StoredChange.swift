import Model
import Ports
import Tree

/// One object's step from one state to the next, as the store made it.
struct StoredChange: Sendable {
    let key: ObjectKey
    let before: StoredObject?
    let after: StoredObject?
    /// Nil: a person's.
    let by: Int?

    var status: Tree? { after?.tree["status"] }
    var spec: Tree? { after?.tree["spec"] }

    /// Whether it began to be deleted by this write.
    var startsDeleting: Bool {
        after?.tree["metadata"]?["deletionTimestamp"] != nil && before?.tree["metadata"]?["deletionTimestamp"] == nil
    }
}
