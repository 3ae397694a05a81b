package import Model

/// A key that a change concerns.
package struct Wake: Sendable, Hashable {
    package let key: WorkKey
    /// The least time between two decisions of the key that are made for changes like this one: what folds many
    /// objects into one status costs as much as they are many, and nobody reads it a thousand times a second.
    package let pace: Duration

    package init(_ key: WorkKey, pace: Duration = .zero) {
        self.key = key
        self.pace = pace
    }

    package static let round = Wake(.round)
    package static func object(_ key: ObjectKey, pace: Duration = .zero) -> Wake { Wake(.object(key), pace: pace) }
}
