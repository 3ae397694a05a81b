import Apply
import Model

/// Reads selectors of labels token by token, so that blanks mean nothing and `in` is a key where it stands as one.
struct LabelSelectorParser {
    private enum Token: Hashable {
        case word(String)
        case sign(String)
        case end

        var text: String {
            switch self {
            case .word(let text), .sign(let text): text
            case .end: ""
            }
        }
    }
    private static let signs: Set<String> = ["(", ")", ",", "!", "=", "==", "!=", ">", "<"]

    private var tokens: [Token] = []
    private var index = 0

    init(_ text: String) {
        var rest = Substring(text)
        while let first = rest.first {
            if Self.isBlank(first) {
                rest.removeFirst()
            } else if "=!(),><".contains(first) {
                let two = String(rest.prefix(2))
                let sign = Self.signs.contains(two) ? two : String(first)
                tokens.append(.sign(sign))
                rest = rest.dropFirst(sign.count)
            } else {
                let word = rest.prefix { !Self.isBlank($0) && !"=!(),><".contains($0) }
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            }
        }
        tokens.append(.end)
    }

    private static func isBlank(_ character: Character) -> Bool { " \t\r\n".contains(character) }

    mutating func requirements() throws(RequestProblem) -> [LabelSelector.Requirement] {
        var found: [LabelSelector.Requirement] = []
        while peek != .end {
            found.append(try requirement())
            switch next() {
            case .end: return found
            case .sign(","):
                guard isWord(peek) || peek == .sign("!") else {
                    throw .selector("found '\(peek.text)', expected: identifier after ','")
                }
            case let other: throw .selector("found '\(other.text)', expected: ',' or 'end of string'")
            }
        }
        return found
    }

    private mutating func requirement() throws(RequestProblem) -> LabelSelector.Requirement {
        var isAbsence = false
        if peek == .sign("!") {
            isAbsence = true
            index += 1
        }
        guard case .word(let key) = next() else {
            throw .requirement("found '\(tokens[index - 1].text)', expected: !, identifier, or 'end of string'")
        }
        try check(NameRules.key(key), key)
        if isAbsence {
            guard peek == .end || peek == .sign(",") else {
                throw .requirement("found '\(peek.text)', expected: ',' or 'end of string' after !\(key)")
            }
            return .absent(key)
        }
        if peek == .end || peek == .sign(",") { return .exists(key) }
        let operation = next().text
        switch operation {
        case "in": return .among(key, try values())
        case "notin": return .notAmong(key, try values())
        case "=", "==": return .among(key, [try value()])
        case "!=": return .notAmong(key, [try value()])
        case ">", "<":
            let bound = try value()
            guard let number = Int64(bound) else {
                throw .requirement(
                    "values[0]: Invalid value: \"\(bound)\": for 'Gt', 'Lt' operators, the value must be an integer")
            }
            return operation == ">" ? .above(key, number) : .below(key, number)
        default: throw .requirement("found '\(operation)', expected: in, notin, =, ==, !=, gt, lt")
        }
    }

    /// What stands behind an equals sign, which may be nothing.
    private mutating func value() throws(RequestProblem) -> String {
        if peek == .end || peek == .sign(",") { return "" }
        guard case .word(let text) = next() else {
            throw .requirement("found '\(tokens[index - 1].text)', expected: identifier")
        }
        try check(NameRules.labelValue(text), text)
        return text
    }

    /// `(a, b)`; what is left out between commas or parentheses is the empty value.
    private mutating func values() throws(RequestProblem) -> Set<String> {
        let found = next()
        guard found == .sign("(") else {
            throw .requirement("found '\(found.text)' expected: '('")
        }
        var values: Set<String> = []
        var isValueDue = true
        while true {
            switch next() {
            case .word(let text):
                guard isValueDue else { throw .requirement("found '\(text)', expected: ',' or ')'") }
                try check(NameRules.labelValue(text), text)
                values.insert(text)
                isValueDue = false
            case .sign(","):
                if isValueDue { values.insert("") }
                isValueDue = true
            case .sign(")"):
                if isValueDue { values.insert("") }
                return values
            case let other: throw .requirement("found '\(other.text)', expected: ',', ')' or identifier")
            }
        }
    }

    private func check(_ reasons: [String], _ text: String) throws(RequestProblem) {
        guard !reasons.isEmpty else { return }
        throw .requirement("<nil>: Invalid value: \"\(text)\": \(reasons.joined(separator: "; "))")
    }

    private func isWord(_ token: Token) -> Bool { if case .word = token { true } else { false } }

    private var peek: Token { tokens[index] }

    private mutating func next() -> Token {
        defer { if index < tokens.count - 1 { index += 1 } }
        return tokens[index]
    }
}

extension RequestProblem {
    fileprivate static func selector(_ why: String) -> RequestProblem { .bad(why) }
    fileprivate static func requirement(_ why: String) -> RequestProblem { .bad("unable to parse requirement: \(why)") }
}
