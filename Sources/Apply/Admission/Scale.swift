package import Model
package import Tree

/// The `autoscaling/v1` Scale of an object: its size, seen and set through `/scale`. A size of nothing is left out, as
/// Kubernetes' own struct has it.
package enum Scale {
    /// The Scale of an object of a kind that has one.
    package static func tree(of object: Tree, _ kind: Kind) -> Tree {
        let metadata = object["metadata"] ?? .emptyObject
        var shown: Tree = .emptyObject
        for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            shown[name] = metadata[name]
        }
        var status: Tree = .emptyObject
        status["replicas"] = kind.scale.flatMap { object[$0.statusReplicas] } ?? 0
        status["selector"] = kind.scale.flatMap { object[$0.selector] }
        var spec: Tree = .emptyObject
        if let size = kind.scale.flatMap({ object[$0.specReplicas] }), size != 0 { spec["replicas"] = size }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": shown, "spec": spec,
            "status": status,
        ]
    }

    /// The object with the size that a Scale asks for: none is a size of nothing.
    static func apply(_ scale: Tree, to object: Tree, _ kind: Kind) throws(AdmissionError) -> Tree {
        guard let path = kind.scale?.specReplicas else {
            throw AdmissionError(.notFound, "the server could not find the requested resource")
        }
        return object.setting(path.steps[...], to: scale["spec"]?["replicas"] ?? 0)
    }

    /// Records who set the size, where somebody's fields held it before: a real server tracks it from then on. A size
    /// of nothing is nobody's.
    static func record(
        _ tree: inout Tree, old: Tree, _ kind: Kind, _ schema: Schema, _ apiVersion: String, _ context: WriteContext
    ) {
        guard let path = kind.scale?.specReplicas, let manager = context.manager else { return }
        let place = path.steps.compactMap { step -> FieldSet.Element? in
            if case .field(let name) = step { .field(name) } else { nil }
        }
        var owners = ManagedFields(of: old)
        guard owners.entries.contains(where: { $0.fields.contains(place) }) else { return }
        func shown(_ tree: Tree) -> Tree { tree[path] == 0 ? tree.setting(path.steps[...], to: nil) : tree }
        owners.update(
            old: shown(old), new: shown(tree), schema: schema, manager: manager, apiVersion: apiVersion,
            subresource: Subresource.scale.rawValue, now: context.now)
        owners.write(to: &tree)
    }

    /// What the size of an object without one is while it is patched, so that a patch that sets none is found.
    static let unset: Tree = .int(-2_147_483_648)
}

extension Admission {
    /// A Scale with everything about it read, as a struct of Kubernetes' own.
    func readScale(
        _ document: Tree, _ context: WriteContext, _ arrival: Arrival
    ) throws(AdmissionError) -> (Tree, [String]) {
        var scale = document
        let version = scale["apiVersion"] ?? .null
        let word = scale["kind"] ?? .null
        guard case .object = scale, [.null, "", "Scale"].contains(word),
            [.null, "", "autoscaling/v1"].contains(version)
        else { throw AdmissionError(.badRequest, "the object provided is unrecognized (must be of type Scale)") }
        (scale["kind"], scale["apiVersion"]) = ("Scale", "autoscaling/v1")
        let read: Tree
        do throws(TypedFault) { read = try TypedDecoding.read(scale, CoreShapes.scale, at: [], "Scale") } catch {
            let why = "Scale in version \"v1\" cannot be handled as a Scale: \(error.message)"
            throw arrival == .patched ? .unreadablePatch(document, why) : AdmissionError(.badRequest, why)
        }
        let problems = UnknownFields.find(scale, CoreShapes.scale).map(\.description)
        guard !problems.isEmpty, context.fieldValidation == .strict else {
            return (read, context.fieldValidation == .warn ? problems : [])
        }
        throw arrival == .patched
            ? .strictPatch(document, problems) : .strictDecoding(kind, apiVersion: "autoscaling/v1", problems)
    }
}

extension Tree {
    /// With a member under a path of names.
    fileprivate func setting(_ steps: ArraySlice<FieldPath.Step>, to value: Tree?) -> Tree {
        guard case .field(let name)? = steps.first else { return self }
        var copy = self
        copy[name] = steps.count == 1 ? value : (self[name] ?? .emptyObject).setting(steps.dropFirst(), to: value)
        return copy
    }
}
