import Apply
import Documents
import Model
import Tree

/// Text that is read means what it means when it is written and read again.
struct YAMLSurface: Surface {
    func take(_ bytes: [UInt8]) {
        guard let documents = try? YAML.parse(bytes) else { return }
        for document in documents {
            let text = YAML.emit(document.tree)
            let again = try? YAML.parse(Array(text.utf8), limits: .answer)
            precondition(again?.map(\.tree) == [document.tree], "written and read again it is something else:\n\(text)")
        }
    }
}

struct JSONSurface: Surface {
    func take(_ bytes: [UInt8]) {
        guard let tree = try? JSON.parse(bytes) else { return }
        let text = JSON.encode(tree)
        precondition((try? JSON.parse(text, limits: .answer)) == tree, "written and read again it is something else")
        // JSON is YAML, so a document in it has to be the same in both (numbers, escapes, keys).
        guard let documents = try? YAML.parse(text, limits: .answer), let first = documents.first else { return }
        precondition(first.tree == tree, "as YAML it is something else")
    }
}

/// An object that is let in is sound: admitted once more, nothing about it changes, and its kind can read it.
struct ManifestSurface: Surface {
    private static let context = WriteContext(now: Timestamp(milliseconds: 1_700_000_000_000))

    func take(_ bytes: [UInt8]) {
        guard let documents = try? Documents.parse(bytes) else { return }
        for document in documents { take(document.tree) }
    }

    private func take(_ tree: Tree) {
        guard let kind = Kind(apiVersion: tree["apiVersion"]?.string ?? "", kind: tree["kind"]?.string ?? "") else {
            return
        }
        let admission = Admission(kind)
        guard let first = try? admission.prepareCreate(tree, namespace: "default", uid: "uid", Self.context) else {
            return
        }
        let second = try? admission.prepareCreate(first.tree, namespace: "default", uid: "uid", Self.context)
        precondition(second?.tree == first.tree, "admitted once more it is something else:\n\(JSON.text(first.tree))")
    }
}
