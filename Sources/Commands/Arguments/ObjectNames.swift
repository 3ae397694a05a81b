import Model
import Text
import Tree

/// Which objects a command line names: `KIND NAME…`, `KIND/NAME…`, `KIND,KIND`, or the category `reconcile`.
struct ObjectNames: Sendable, Hashable {
    /// In the order named.
    var kinds: [Kind]
    /// Empty: all of the kinds.
    var keys: [ObjectKey]

    static let category = "reconcile"

    init(_ words: [String], namespace: String) throws(CommandError) {
        guard let first = words.first else {
            throw CommandError(
                .failed, "name a kind of object",
                next:
                    "One of: \(ObjectNames.words.joined(separator: ", ")), or \(ObjectNames.category) for all of ours.")
        }
        if words.contains(where: { $0.contains("/") }) {
            var keys: [ObjectKey] = []
            for word in words { keys.append(try ObjectNames.key(word, namespace: namespace)) }
            self.keys = keys
            kinds = keys.map(\.kind).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
            return
        }
        var kinds: [Kind] = []
        for word in first.split(separator: ",").map(String.init) {
            let isCategory = word == ObjectNames.category || word == "all"
            if isCategory { kinds += Kind.own } else { kinds.append(try ObjectNames.kind(word)) }
        }
        self.kinds = kinds
        let names = words.dropFirst()
        guard names.isEmpty || kinds.count == 1 else {
            throw CommandError(
                .failed, "names can be given for one kind at a time", next: "Write KIND/NAME for each object.")
        }
        keys = names.map { ObjectKey(kinds[0], namespace, $0) }
    }

    /// Exactly one object: `KIND NAME` or `KIND/NAME`; with a `default` kind, `NAME` alone too.
    static func one(_ words: [String], namespace: String, default kind: Kind? = nil) throws(CommandError) -> ObjectKey {
        if words.count == 1, let kind, !words[0].contains("/") { return ObjectKey(kind, namespace, words[0]) }
        let names = try ObjectNames(words, namespace: namespace)
        guard names.keys.count == 1 else {
            throw CommandError(
                .failed, "name one object, as KIND/NAME", next: "For example \(kind?.shortNames.first ?? "xplan")/NAME."
            )
        }
        return names.keys[0]
    }

    static func key(_ word: String, namespace: String) throws(CommandError) -> ObjectKey {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw CommandError(.failed, "\"\(word)\" names no object", next: "Write KIND/NAME, such as xplan/hello.")
        }
        return ObjectKey(try kind(String(parts[0])), namespace, String(parts[1]))
    }

    static func kind(_ word: String) throws(CommandError) -> Kind {
        if let kind = Kind(word: word) { return kind }
        let meant = NearestName.suggest(word.lowercased(), among: everyWord).map {
            "Did you mean \"\($0)\"?" as TerminalText
        }
        throw CommandError(
            .failed, "there is no kind \"\(word)\"",
            next: meant ?? "Kinds: \(words.joined(separator: ", ")), or \(category) for all of ours.")
    }

    private static var words: [String] { Kind.own.map(\.plural) }
    private static var everyWord: [String] {
        Kind.allCases.flatMap { [$0.plural, $0.singular] + $0.shortNames } + [category]
    }
}
