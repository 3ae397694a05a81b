import Apply
import Documents
import Model
import Testing
import Tree

/// A tree written as JSON; a test that can't be read fails where it stands.
func json(_ text: String, _ location: SourceLocation = #_sourceLocation) -> Tree {
    do {
        return try JSON.parse(text)
    } catch {
        Issue.record("\(error)", sourceLocation: location)
        return .null
    }
}

/// A pool document with the given spec, and metadata beside name and namespace.
func pool(_ name: String = "a", _ spec: Tree = ["region": "us-east-1"], metadata: Tree = .emptyObject) -> Tree {
    var about = metadata
    about["name"] = .string(name)
    about["namespace"] = "ecommerce"
    return ["apiVersion": "reconcile.dev/v1alpha1", "kind": "WorkerPool", "metadata": about, "spec": spec]
}

func at(_ second: Int) -> Timestamp {
    Timestamp(milliseconds: 1_795_000_000_000 + Int64(second) * 1000 + 417)
}

func by(_ manager: String?, at second: Int = 0, _ validation: FieldValidation = .strict) -> WriteContext {
    WriteContext(now: at(second), manager: manager, fieldValidation: validation)
}

/// A pool as it stands in the store at that version.
func stored(_ spec: Tree = ["region": "us-east-1"], metadata: Tree = .emptyObject, version: String = "7")
    throws -> Tree
{
    let admitted = try Pool.admission.prepareCreate(
        pool("a", spec, metadata: metadata), uid: "u-1", by("kubectl-create"))
    return admitted.tree.at(version: version)
}

extension Tree {
    func at(version: String) -> Tree { with(["metadata", "resourceVersion"], .string(version)) }

    /// With another value under a path of names; nil removes it.
    func with(_ path: [String], _ value: Tree?) -> Tree {
        guard let name = path.first else { return value ?? .null }
        var copy = self
        if path.count == 1 {
            copy[name] = value
        } else {
            copy[name] = (self[name] ?? .emptyObject).with(Array(path.dropFirst()), value)
        }
        return copy
    }

    /// What each manager owns, in the order of the list: `alice Apply` and the FieldsV1 text.
    var owners: [String] {
        (self["metadata"]?["managedFields"]?.array ?? []).map { entry in
            let sub = entry["subresource"]?.string.map { "/\($0)" } ?? ""
            return
                "\(entry["manager"]?.string ?? "") \(entry["operation"]?.string ?? "")\(sub) \(JSON.text(entry["fieldsV1"] ?? .null))"
        }
    }

    func owned(by manager: String) -> Tree? {
        self["metadata"]?["managedFields"]?.array?.first { $0["manager"]?.string == manager }?["fieldsV1"]
    }
}

/// The error that a write ends in; records a failure if it ends otherwise.
func refusal<T>(
    _ location: SourceLocation = #_sourceLocation, _ body: () throws -> T
) -> AdmissionError {
    do {
        _ = try body()
        Issue.record("was admitted", sourceLocation: location)
    } catch let error as AdmissionError {
        return error
    } catch {
        Issue.record("\(error)", sourceLocation: location)
    }
    return .notFound(.workerPool, "")
}
