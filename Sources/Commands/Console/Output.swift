import Documents
import Text
import Tree

/// What a command writes: text for people, or what goes out as it is, since a program reads it or a task wrote it.
enum Output: Sendable {
    case text(TerminalText)
    case json(Tree)
    case yaml(Tree)
    case documents([Tree])
    case markdown(Encoded<Markdown>)
    /// What tasks wrote, byte by byte: as with `cat`, whoever reads it decides how.
    case log(String)
    /// A script of ours for a shell.
    case script(String)

    var verbatim: String {
        switch self {
        case .text(let text): text.text
        case .json(let tree): JSON.pretty(tree)
        case .yaml(let tree): YAML.emit(tree)
        case .documents(let trees): YAML.emit(documents: trees)
        case .markdown(let page): page.text
        case .log(let text), .script(let text): text
        }
    }
}
