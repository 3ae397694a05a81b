/// What happens to fields the schema does not know: the `fieldValidation` parameter of the Kubernetes API.
package enum FieldValidation: String, Sendable, Hashable, CaseIterable {
    /// The write is refused.
    case strict = "Strict"
    /// They are dropped, with a warning each.
    case warn = "Warn"
    /// They are dropped.
    case ignore = "Ignore"
}

/// The part of an object that a write is about.
package enum Subresource: String, Sendable, Hashable {
    /// Everything but status.
    case none = ""
    case status
    case scale
    /// What holds a namespace.
    case finalize
}
