package import Model
package import Tree

/// A write that may be committed.
package struct Admitted: Sendable, Hashable {
    /// The object to store, with its `resourceVersion` still that of the old state (none on create).
    package var tree: Tree
    /// Sentences for the user, as `Warning` headers carry them.
    package var warnings: [String] = []
    /// False where the object is as it was: nothing is to be stored, and `tree` is the old state.
    package var changed = true
    /// Whether there was no object before.
    package var created = false
}

/// Who writes, when, and how strictly.
package struct WriteContext: Sendable, Hashable {
    package var now: Timestamp
    /// The owner recorded in managedFields; nil leaves the record as it is.
    package var manager: String?
    package var fieldValidation: FieldValidation

    package init(now: Timestamp, manager: String? = nil, fieldValidation: FieldValidation = .strict) {
        self.now = now
        self.manager = manager
        self.fieldValidation = fieldValidation
    }
}
