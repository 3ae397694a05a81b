import Documents
package import Tree

/// Why a JSON patch was refused; the words are those of the library the real server uses.
package struct JSONPatchError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Not a list of operations at all (HTTP 400).
        case malformed
        /// An operation that can't be done to this object (HTTP 422).
        case refused
        /// More operations or copied bytes than are allowed (HTTP 413).
        case tooLarge
    }
    package let code: Code
    package let description: String
}

/// JSON patch, RFC 6902: all six operations, in order, all or nothing.
package enum JSONPatch {
    /// As in kube-apiserver.
    package static let operationLimit = 10_000
    /// What all `copy` operations together may copy, in bytes of the copied values: without it, a short patch
    /// could double the object with every operation.
    package static let copyLimit = 3 << 20

    package static func apply(_ patch: Tree, to target: Tree) throws(JSONPatchError) -> Tree {
        guard case .array(let operations) = patch else {
            throw JSONPatchError(
                code: .malformed, description: "a JSON patch is a list of operations, not \(patch.typeName)")
        }
        guard operations.count <= operationLimit else {
            throw JSONPatchError(
                code: .tooLarge,
                description:
                    "The allowed maximum operations in a JSON patch is \(operationLimit), got "
                    + "\(operations.count)"
            )
        }
        var run = PatchRun(tree: target)
        for operation in operations { try run.perform(operation) }
        guard isWithin(Limits.manifest.depth, run.tree) else {
            throw JSONPatchError(
                code: .tooLarge,
                description: "the patched object is nested more than \(Limits.manifest.depth) levels deep")
        }
        return run.tree
    }
}

/// One patch under way.
private struct PatchRun {
    var tree: Tree
    private var copied = 0

    init(tree: Tree) { self.tree = tree }

    mutating func perform(_ operation: Tree) throws(JSONPatchError) {
        guard case .object = operation, case .string(let name)? = operation["op"] else {
            throw JSONPatchError(
                code: .malformed, description: "an operation is an object with \"op\" and \"path\"")
        }
        let path = try pointer(operation, "path", of: name)
        switch name {
        case "add": try add(try value(operation, of: name), at: path, name)
        case "remove": _ = try remove(path, name)
        case "replace": try replace(path, with: try value(operation, of: name))
        case "move": try move(from: try pointer(operation, "from", of: name), to: path)
        case "copy": try copy(from: try pointer(operation, "from", of: name), to: path)
        case "test": try test(path, equals: try value(operation, of: name))
        default: throw Self.refused("Unexpected kind: \(name)")
        }
    }

    // MARK: - Operations

    private mutating func add(_ value: Tree, at path: JSONPointer, _ name: String) throws(JSONPatchError) {
        guard let last = path.tokens.last else {
            tree = value
            return
        }
        try inContainer(of: path, name) { (container) throws(JSONPatchError) in
            switch container {
            case .object(var members):
                container = .null  // the only reference to the members is now the local one
                members[last] = value
                container = .object(members)
            case .array(var items):
                guard let index = last == "-" ? items.count : JSONPointer.index(last), index <= items.count
                else {
                    throw Self.badIndex(last, name, path)
                }
                container = .null
                items.insert(value, at: index)
                container = .array(items)
            default: throw Self.missingPath(name, path)
            }
        }
    }

    private mutating func remove(_ path: JSONPointer, _ name: String) throws(JSONPatchError) -> Tree {
        guard let last = path.tokens.last else {
            throw Self.refused("\(name) operation does not apply: the whole document")
        }
        return try inContainer(of: path, name) { (container) throws(JSONPatchError) in
            switch container {
            case .object(var members):
                guard let old = members[last] else {
                    throw Self.refused(
                        "error in \(name) for path: '\(path)': Unable to remove nonexistent key: "
                            + "\(last): missing value"
                    )
                }
                container = .null
                members[last] = nil
                container = .object(members)
                return old
            case .array(var items):
                guard let index = JSONPointer.index(last), index < items.count else {
                    throw Self.badIndex(last, name, path)
                }
                container = .null
                let old = items.remove(at: index)
                container = .array(items)
                return old
            default: throw Self.missingPath(name, path)
            }
        }
    }

    private mutating func replace(_ path: JSONPointer, with value: Tree) throws(JSONPatchError) {
        guard path.value(in: tree) != nil else {
            throw Self.refused("replace operation does not apply: doc is missing key: \(path): missing value")
        }
        guard let last = path.tokens.last else {
            tree = value
            return
        }
        try inContainer(of: path, "replace") { (container) throws(JSONPatchError) in
            switch container {
            case .array(var items):
                guard let index = JSONPointer.index(last) else { throw Self.badIndex(last, "replace", path) }
                container = .null
                items[index] = value
                container = .array(items)
            default: container[last] = value
            }
        }
    }

    private mutating func move(from: JSONPointer, to path: JSONPointer) throws(JSONPatchError) {
        guard from.value(in: tree) != nil else {
            throw Self.refused(
                "move operation does not apply: doc is missing from path: \(from): missing value")
        }
        guard from != path else { return }
        guard !from.isProperPrefix(of: path) else {
            throw Self.refused("move operation does not apply: \(from) can't move into itself, to \(path)")
        }
        try add(try remove(from, "move"), at: path, "move")
    }

    private mutating func copy(from: JSONPointer, to path: JSONPointer) throws(JSONPatchError) {
        guard let value = from.value(in: tree) else {
            throw Self.refused(
                "copy operation does not apply: doc is missing from path: \"\(from)\": missing value")
        }
        copied += weight(value, atMost: JSONPatch.copyLimit - copied)
        guard copied < JSONPatch.copyLimit else {
            throw JSONPatchError(
                code: .tooLarge,
                description: "copy operations of one patch may copy \(JSONPatch.copyLimit) bytes in all")
        }
        try add(value, at: path, "copy")
    }

    private func test(_ path: JSONPointer, equals expected: Tree) throws(JSONPatchError) {
        let actual = path.value(in: tree)
        guard actual ?? .null == expected || sameValue(actual ?? .null, expected) else {
            throw Self.refused("testing value \(path) failed: test failed")
        }
    }

    // MARK: - Ways into the tree

    /// Runs `body` on the object or array that holds the last step of `path`.
    private mutating func inContainer<Result>(
        of path: JSONPointer, _ name: String, _ body: (inout Tree) throws(JSONPatchError) -> Result
    ) throws(JSONPatchError) -> Result {
        try Self.descend(&tree, path.tokens.dropLast(), body, missing: Self.missingPath(name, path))
    }

    private static func descend<Result>(
        _ tree: inout Tree, _ tokens: ArraySlice<String>,
        _ body: (inout Tree) throws(JSONPatchError) -> Result,
        missing: JSONPatchError
    ) throws(JSONPatchError) -> Result {
        guard let token = tokens.first else { return try body(&tree) }
        switch tree {
        case .object(var members):
            guard var child = members[token] else { throw missing }
            tree = .null
            members[token] = .null  // the child is changed in place, so nobody else may hold it
            defer {
                members[token] = child
                tree = .object(members)
            }
            return try descend(&child, tokens.dropFirst(), body, missing: missing)
        case .array(var items):
            guard let index = JSONPointer.index(token), index < items.count else { throw missing }
            var child = items[index]
            tree = .null
            items[index] = .null
            defer {
                items[index] = child
                tree = .array(items)
            }
            return try descend(&child, tokens.dropFirst(), body, missing: missing)
        default: throw missing
        }
    }

    // MARK: - Errors

    private func pointer(_ operation: Tree, _ name: String, of op: String) throws(JSONPatchError)
        -> JSONPointer
    {
        guard case .string(let text)? = operation[name], let pointer = JSONPointer(text) else {
            throw JSONPatchError(
                code: .malformed,
                description: "\(op) operation needs \"\(name)\", a JSON pointer such as /spec/replicas")
        }
        return pointer
    }

    private func value(_ operation: Tree, of op: String) throws(JSONPatchError) -> Tree {
        guard let value = operation["value"] else {
            throw JSONPatchError(code: .malformed, description: "\(op) operation needs \"value\"")
        }
        return value
    }

    private static func refused(_ text: String) -> JSONPatchError {
        JSONPatchError(code: .refused, description: text)
    }

    private static func missingPath(_ name: String, _ path: JSONPointer) -> JSONPatchError {
        JSONPatchError(
            code: .refused,
            description: "\(name) operation does not apply: doc is missing path: \"\(path)\": missing value")
    }

    private static func badIndex(_ index: String, _ name: String, _ path: JSONPointer) -> JSONPatchError {
        JSONPatchError(
            code: .refused,
            description:
                "error in \(name) for path: '\(path)': Unable to access invalid index: \(index): "
                + "invalid index referenced"
        )
    }
}

/// Equality of RFC 6902, section 4.6: numbers are equal where their values are, however they are written.
private func sameValue(_ a: Tree, _ b: Tree) -> Bool {
    switch (a, b) {
    case (.int(let whole), .double(let number)), (.double(let number), .int(let whole)):
        Double(whole) == number
    case (.array(let left), .array(let right)):
        left.count == right.count && zip(left, right).allSatisfy(sameValue)
    case (.object(let left), .object(let right)):
        left.count == right.count
            && zip(left, right).allSatisfy { $0.key == $1.key && sameValue($0.value, $1.value) }
    default: a == b
    }
}

/// Whether a value is nested no deeper than that. Moves can nest what no document could.
private func isWithin(_ depth: Int, _ tree: Tree) -> Bool {
    switch tree {
    case .array(let items): depth > 0 && items.allSatisfy { isWithin(depth - 1, $0) }
    case .object(let members): depth > 0 && members.allSatisfy { isWithin(depth - 1, $0.value) }
    default: true
    }
}

/// About how many bytes of JSON a value is; counting stops at the bound.
private func weight(_ tree: Tree, atMost bound: Int) -> Int {
    switch tree {
    case .string(let text): return text.utf8.count + 2
    case .array(let items):
        var sum = 2
        for item in items where sum < bound { sum += weight(item, atMost: bound - sum) + 1 }
        return sum
    case .object(let members):
        var sum = 2
        for member in members where sum < bound {
            sum += member.key.utf8.count + 4 + weight(member.value, atMost: bound - sum)
        }
        return sum
    default: return 8
    }
}
