/// Fields that another manager owns with another value. Applying with `force` takes them.
package struct ApplyConflict: Error, Sendable, Hashable {
    package struct Conflict: Sendable, Hashable {
        /// As structured-merge-diff writes it: `.spec.env[name="A"].value`.
        package let path: String
        /// The same as places of a set.
        let elements: [FieldSet.Element]
        package let manager: String
        /// `conflict with "alice"`, with what else tells managers of one name apart.
        package let message: String

        init(_ elements: [FieldSet.Element], entry: ManagedFields.Entry) {
            self.elements = elements
            path = elements.map(\.description).joined()
            manager = entry.manager
            var text = "\"\(entry.manager)\""
            if !entry.subresource.isEmpty { text += " with subresource \"\(entry.subresource)\"" }
            if entry.operation == .update {
                text += " using \(entry.apiVersion)"
            }
            message = "conflict with \(text)"
        }

        fileprivate var who: Substring { message.dropFirst("conflict with ".count) }
    }

    /// By manager, then by path.
    package let conflicts: [Conflict]

    init(_ conflicts: [Conflict]) {
        self.conflicts = conflicts.sorted {
            ($0.manager, $0.message, $0.path) < ($1.manager, $1.message, $1.path)
        }
    }
}

extension ApplyConflict {
    /// What is left of it outside of some places; nil where nothing is.
    func without(_ places: FieldSet) -> ApplyConflict? {
        let left = conflicts.filter { !places.contains($0.elements) }
        return left.isEmpty ? nil : ApplyConflict(left)
    }
}

extension ApplyConflict: CustomStringConvertible {
    package var description: String {
        if let only = conflicts.first, conflicts.count == 1 {
            return "Apply failed with 1 conflict: \(only.message): \(only.path)"
        }
        var lines: [String] = []
        var last: String?
        for conflict in conflicts {
            if conflict.message != last { lines.append("conflicts with \(conflict.who):") }
            last = conflict.message
            lines.append("- \(conflict.path)")
        }
        return "Apply failed with \(conflicts.count) conflicts: \(lines.joined(separator: "\n"))"
    }
}
