import Apply
import Model
import Tree

/// Spans of time as Go writes them in queries: `1.5s`, `-1h30m`, `0`.
enum GoDuration {
    private static let units: Set<String> = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"]

    /// Whether it is one that isn't negative.
    static func isSpan(_ text: String) -> Bool {
        var rest = text[...]
        if rest.first == "+" { rest.removeFirst() }
        if rest == "0" { return true }
        guard !rest.isEmpty else { return false }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            let unit = rest.dropFirst(number.count).prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
            guard number.contains(where: { $0 != "." }), number.count(where: { $0 == "." }) < 2,
                units.contains(String(unit))
            else { return false }
            rest = rest.dropFirst(number.count + unit.count)
        }
        return true
    }
}

extension APIServer {
    /// How long a request may take is bounded here whatever is asked for; what can't be read is refused all the same.
    static func checkTimeout(_ request: APIRequest) throws(RequestProblem) {
        let parameters = Parameters(request.query)
        guard parameters.has("timeout"), !parameters.text("timeout").isEmpty, !(parameters.flag("watch") ?? false)
        else {
            return
        }
        guard GoDuration.isSpan(parameters.text("timeout")) else {
            throw .bad("invalid timeout specified in the request URL: write a span of time such as 30s")
        }
    }

    static func checkInclusion(_ request: APIRequest) throws(RequestProblem) {
        let word = Parameters(request.query).text("includeObject")
        guard !word.isEmpty, TableView.Inclusion(rawValue: word) == nil else { return }
        throw .bad("unrecognized includeObject value: \"\(word)\"; None, Metadata and Object are known")
    }
}
