import Model

/// What some objects take of a quota.
struct Taken: Sendable, Hashable {
    private(set) var bytes = 0
    private(set) var objects = 0
    private(set) var tasks = 0

    init() {}

    /// One object. Events have a bound of their own, and count as bytes.
    init(of kind: Kind, _ bytes: Int) {
        self.bytes = bytes
        objects = kind == .event ? 0 : 1
        tasks = kind == .task ? 1 : 0
    }

    var isNothing: Bool { bytes <= 0 && objects <= 0 }

    subscript(_ resource: NamespaceQuota.Resource) -> Int {
        switch resource {
        case .bytes: bytes
        case .objects: objects
        case .tasks: tasks
        }
    }

    mutating func add(_ other: Taken, _ sign: Int = 1) {
        bytes += sign * other.bytes
        objects += sign * other.objects
        tasks += sign * other.tasks
    }
}
