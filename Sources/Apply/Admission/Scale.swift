package import Model
package import Tree

/// The `autoscaling/v1` Scale of an object: its size, seen and set through `/scale`.
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
        spec["replicas"] = kind.scale.flatMap { object[$0.specReplicas] }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": shown, "spec": spec,
            "status": status,
        ]
    }

    /// The object with the size that a Scale asks for.
    static func apply(_ scale: Tree, to object: Tree, _ kind: Kind) throws(AdmissionError) -> Tree {
        guard let path = kind.scale?.specReplicas else {
            throw AdmissionError(.notFound, "the server could not find the requested resource")
        }
        guard scale["kind"] == "Scale", scale["apiVersion"] == "autoscaling/v1" else {
            throw AdmissionError(.badRequest, "the object provided is unrecognized (must be of type Scale)")
        }
        return object.setting(path.steps[...], to: scale["spec"]?["replicas"] ?? 0)
    }
}

extension Tree {
    /// With a member under a path of names.
    fileprivate func setting(_ steps: ArraySlice<FieldPath.Step>, to value: Tree) -> Tree {
        guard case .field(let name)? = steps.first else { return value }
        var copy = self
        copy[name] = (self[name] ?? .emptyObject).setting(steps.dropFirst(), to: value)
        return copy
    }
}
