package import Tree

/// YAML text as Kubernetes reads it: YAML 1.1 by libyaml, with the plain scalars of `PlainScalar`, string
/// keys, and without what makes documents mean something else than they say: repeated keys, merge keys and
/// tags of its own are errors.
package enum YAML {
    /// All documents of a stream, in order. Empty documents, and those of comments only, are passed over.
    package static func parse(
        _ bytes: [UInt8], source: SourceName = "", limits: Limits = .manifest
    ) throws(DocumentError) -> [Document] {
        try bytes.withUnsafeBufferPointer { (buffer) throws(DocumentError) in
            let text = InputText.afterByteOrderMark(buffer)
            do throws(Fault) {
                try YAMLText.check(text, limits: limits)
                var builder = YAMLBuilder(YAMLEvents(text), source: source, limits: limits)
                return try builder.documents()
            } catch {
                throw error.located(in: text, source: source)
            }
        }
    }

    package static func parse(
        _ text: String, source: SourceName = "", limits: Limits = .manifest
    ) throws(DocumentError) -> [Document] {
        try parse(Array(text.utf8), source: source, limits: limits)
    }

    /// Text for people, laid out as kubectl's `-o yaml`: members in key order, two spaces a level, sequences
    /// not indented under their key. Parsing it gives an equal tree.
    package static func emit(_ tree: Tree) -> String {
        var emitter = YAMLEmitter()
        emitter.write(document: tree)
        return String(decoding: emitter.bytes, as: UTF8.self)
    }

    /// Several documents, with `---` lines between them.
    package static func emit(documents trees: [Tree]) -> String {
        trees.map { emit($0) }.joined(separator: "---\n")
    }
}
