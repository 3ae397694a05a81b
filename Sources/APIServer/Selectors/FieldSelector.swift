/// A selector of fields (apimachinery, pkg/fields/selector.go): terms that must all hold. In values `\`, `,` and `=`
/// stand behind a backslash. A field that is not there is empty.
struct FieldSelector: Sendable {
    struct Term: Sendable, Hashable {
        let path: String
        let value: String
        let differs: Bool
    }
    let terms: [Term]

    /// Reads `metadata.name=a,metadata.namespace!=b` and the like; a path outside of `supported` is refused.
    init(_ text: String, supported: [String]) throws(RequestProblem) {
        var terms: [Term] = []
        for term in Self.split(text) where !term.isEmpty {
            guard let (path, sign, rest) = Self.parts(term) else {
                throw .bad("invalid selector: '\(text)'; can't understand '\(term)'")
            }
            let value = try Self.unescaped(rest)
            // A term of nothing asks for nothing.
            if path.isEmpty, value.isEmpty { continue }
            guard supported.contains(path) else { throw .bad("field label not supported: \(path)") }
            terms.append(Term(path: path, value: value, differs: sign == "!="))
        }
        self.terms = terms
    }

    func matches(_ value: (String) -> String) -> Bool {
        terms.allSatisfy { (value($0.path) == $0.value) != $0.differs }
    }

    /// The one name that an object must have, where the selector asks for one.
    var name: String? { terms.first { $0.path == "metadata.name" && !$0.differs }?.value }

    /// At commas without a backslash before them.
    private static func split(_ text: String) -> [String] {
        var terms = [""]
        var isEscaped = false
        for character in text {
            if character == ",", !isEscaped {
                terms.append("")
                continue
            }
            isEscaped = character == "\\" && !isEscaped
            terms[terms.count - 1].append(character)
        }
        return terms
    }

    private static func parts(_ term: String) -> (path: String, sign: String, value: Substring)? {
        for index in term.indices {
            for sign in ["!=", "==", "="] where term[index...].hasPrefix(sign) {
                return (String(term[..<index]), sign, term[index...].dropFirst(sign.count))
            }
        }
        return nil
    }

    private static func unescaped(_ text: Substring) throws(RequestProblem) -> String {
        var value = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                guard "\\,=".contains(character) else {
                    throw .bad("invalid field selector: invalid escape sequence: \\\(character)")
                }
                value.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                guard !",=".contains(character) else {
                    throw .bad("invalid field selector: unescaped character in value: \(character)")
                }
                value.append(character)
            }
        }
        guard !isEscaped else { throw .bad("invalid field selector: invalid escape sequence: \\") }
        return value
    }
}
