/// Small integers for equal values, in the order first met.
struct Interner<Value: Hashable> {
    private(set) var values: [Value] = []
    private var ids: [Value: Int] = [:]

    mutating func intern(_ value: Value) -> Int {
        if let id = ids[value] { return id }
        ids[value] = values.count
        values.append(value)
        return values.count - 1
    }

    func id(of value: Value) -> Int? { ids[value] }
}
