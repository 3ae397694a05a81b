import Documents
import Model
import Ports
import Tree

extension APIServer {
    static let notAcceptable = APIResponse.failure(
        406, "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml")

    /// One object in the form asked for.
    func present(_ object: Tree, _ view: View, status: Int = 200, warnings: [String] = []) -> APIResponse {
        switch view.form {
        case .object, .discovery: return .value(status: status, object, warnings: warnings)
        case .yaml: return Self.yaml(object, status)
        case .misfit: return Self.notAcceptable
        case .metadata:
            return .value(status: status, view.partial(object), warnings: warnings)
        case .table:
            var metadata = Tree.emptyObject
            metadata["resourceVersion"] = object["metadata"]?["resourceVersion"]
            return .value(status: status, view.table.table([object], metadata: metadata), warnings: warnings)
        }
    }

    /// What was asked for of an object, as it is stored.
    func present(_ object: StoredObject, _ view: View) -> APIResponse {
        guard case .object = view.form, let packed = object.packed else { return present(object.tree, view) }
        var bytes: [UInt8] = []
        packed.append(to: &bytes, at: object.version)
        return .json(bytes)
    }

    /// A list of stored objects. In the common form they are sent as they lie in the store.
    func present(_ items: [StoredObject], of kind: Kind, metadata: Tree, _ view: View) -> APIResponse {
        guard case .object = view.form, items.allSatisfy({ $0.packed != nil }) else {
            return present(
                items.map(\.tree), kind: kind.rawValue, apiVersion: kind.apiVersion, metadata: metadata, view)
        }
        var bytes = Array("{\"apiVersion\":\"\(kind.apiVersion)\",\"items\":[".utf8)
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            item.packed?.append(to: &bytes, at: item.version)
        }
        bytes += "],\"kind\":\"\(kind.rawValue)List\",\"metadata\":".utf8
        JSON.encode(metadata, into: &bytes)
        bytes.append(UInt8(ascii: "}"))
        return .json(bytes)
    }

    /// A list in the form asked for.
    func present(_ items: [Tree], kind: String, apiVersion: String, metadata: Tree, _ view: View) -> APIResponse {
        let list: Tree = [
            "kind": .string(kind + "List"), "apiVersion": .string(apiVersion), "metadata": metadata,
            "items": .array(items),
        ]
        switch view.form {
        case .object, .discovery: return .ok(list)
        case .misfit: return Self.notAcceptable
        case .yaml: return Self.yaml(list, 200)
        case .table: return .ok(view.table.table(items, metadata: metadata))
        case .metadata:
            return .ok([
                "kind": "PartialObjectMetadataList", "apiVersion": .string(view.form.apiVersion), "metadata": metadata,
                "items": .array(items.map(view.partial)),
            ])
        }
    }

    static func yaml(_ tree: Tree, _ status: Int) -> APIResponse {
        .document(status: status, contentType: "application/yaml", Array(YAML.emit(tree).utf8))
    }
}

/// How the answer to one request is to look.
struct View: Sendable {
    let form: AnswerForm
    let table: TableView

    init(form: AnswerForm, table: TableView) {
        self.form = form
        self.table = table.named(form.apiVersion)
    }

    /// An object as its metadata alone.
    func partial(_ object: Tree) -> Tree { TableView.partial(object, apiVersion: form.apiVersion) }
}
