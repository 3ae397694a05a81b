import Apply
import Tree

/// Kubernetes' own patch form, which kubectl sends for Kubernetes' own kinds: a merge patch whose lists of named things
/// merge too, with directives in members that begin with `$`
/// (kubernetes/community, contributors/devel/sig-api-machinery/strategic-merge-patch.md).
enum StrategicMerge {
    /// The lists of the kinds kept here that merge, with the member that names an element; nil is a set of words.
    private static let mergeKeys: [String: String?] = [
        "ownerReferences": "uid", "finalizers": nil, "secrets": "name", "imagePullSecrets": "name",
    ]

    /// The merge patch that does to `old` what the strategic patch asks for.
    static func mergePatch(_ patch: Tree, for old: Tree) -> Tree {
        guard case .object(let changes) = patch else { return patch }
        var result = Members()
        for change in changes {
            let name = change.key
            if name.hasPrefix("$deleteFromPrimitiveList/") {
                let list = String(name.dropFirst("$deleteFromPrimitiveList/".count))
                let gone = change.value.array ?? []
                let kept = (result[list] ?? old[list])?.array?.filter { !gone.contains($0) }
                if let kept { result[list] = .array(kept) }
                continue
            }
            // The order of elements and what to retain of unions matter to no kind kept here.
            if name.hasPrefix("$") { continue }
            if let key = mergeKeys[name], let items = change.value.array {
                result[name] = .array(merged(items, into: (result[name] ?? old[name])?.array ?? [], key))
            } else if change.value["$patch"] == "delete" {
                result[name] = .null
            } else {
                result[name] = mergePatch(change.value, for: old[name] ?? .emptyObject)
            }
        }
        return .object(result)
    }

    private static func merged(_ items: [Tree], into old: [Tree], _ key: String?) -> [Tree] {
        var list = old
        for item in items {
            guard let key else {
                if !list.contains(item) { list.append(item) }
                continue
            }
            let place = list.firstIndex { $0[key] == item[key] }
            switch (place, item["$patch"]) {
            case (let place?, "delete"): list.remove(at: place)
            case (nil, "delete"): break
            case (let place?, _): list[place] = MergePatch.apply(item, to: list[place])
            case (nil, _): list.append(item)
            }
        }
        return list
    }
}
