/// Query parameters as a Kubernetes API server reads them (apimachinery, pkg/runtime/conversion.go).
struct Parameters: Sendable {
    private let query: [String: String]

    init(_ query: [String: String]) { self.query = query }

    /// Empty where it is absent.
    func text(_ name: String) -> String { query[name] ?? "" }

    func has(_ name: String) -> Bool { query[name] != nil }

    /// Whatever is not `0` or `false`, in any case, means true: the empty value and Python's `True` too.
    func flag(_ name: String) -> Bool? {
        guard let value = query[name] else { return nil }
        return value != "0" && value.lowercased() != "false"
    }

    func number(_ name: String) throws(RequestProblem) -> Int64? {
        guard let value = query[name] else { return nil }
        guard let number = Int64(value) else {
            throw .bad("strconv.ParseInt: parsing \"\(value)\": invalid syntax: \(name) must be a whole number")
        }
        return number
    }
}
