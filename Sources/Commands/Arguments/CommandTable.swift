import ArgumentParser
import Documents
import Tree

/// The verbs with their options, as the parser knows them.
struct CommandTable: Sendable {
    struct Option: Sendable, Hashable {
        /// With their dashes.
        var names: [String]
        var takesValue: Bool
        /// Where it can be one of a few only.
        var values: [String]
    }

    struct Entry: Sendable {
        var name: String
        var isShown: Bool
        var options: [Option]
        var entries: [Entry]
    }

    let root: Entry

    init() {
        var tree = Tree.emptyObject
        // The parser's own words, which a test reads.
        do throws(DocumentError) { tree = try JSON.parse(Array(ReconcileCommand._dumpHelp().utf8)) } catch {}
        root = Self.entry(tree["command"] ?? .emptyObject)
    }

    func verb(_ name: String) -> Entry? { root.entries.first { $0.name == name } }

    private static func entry(_ tree: Tree) -> Entry {
        let options = (tree["arguments"]?.array ?? []).filter { $0["kind"] != "positional" }.map { argument in
            Option(
                names: (argument["names"]?.array ?? []).map { name in
                    (name["kind"] == "long" ? "--" : "-") + (name["name"]?.string ?? "")
                },
                takesValue: argument["kind"] == "option",
                values: (argument["allValues"]?.array ?? []).compactMap(\.string))
        }
        return Entry(
            name: tree["commandName"]?.string ?? "", isShown: tree["shouldDisplay"]?.bool ?? true, options: options,
            entries: (tree["subcommands"]?.array ?? []).map(entry))
    }
}
