/// A stack whose top can be moved out as an array without copying its elements: parsers keep what open
/// collections hold here and build each collection once, at its exact size.
struct ValueStack<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity = 64
    private(set) var height = 0

    init() { base = .allocate(capacity: 64) }

    deinit {
        base.deinitialize(count: height)
        base.deallocate()
    }

    mutating func push(_ element: consuming Element) {
        if height == capacity { grow() }
        (base + height).initialize(to: element)
        height += 1
    }

    /// The elements above a height, which stay where they are while `body` runs.
    mutating func withTop<R, E: Error>(
        from start: Int, _ body: (UnsafeMutableBufferPointer<Element>) throws(E) -> R
    ) throws(E) -> R {
        precondition(start >= 0 && start <= height)
        return try body(UnsafeMutableBufferPointer(start: base + start, count: height - start))
    }

    /// Takes the elements above a height off the stack.
    mutating func pop(from start: Int) -> [Element] {
        precondition(start >= 0 && start <= height)
        let count = height - start
        height = start
        return Array(unsafeUninitializedCapacity: count) { [base] buffer, initialized in
            buffer.baseAddress?.moveInitialize(from: base + start, count: count)
            initialized = count
        }
    }

    mutating func drop(from start: Int) {
        precondition(start >= 0 && start <= height)
        (base + start).deinitialize(count: height - start)
        height = start
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: base, count: height)
        base.deallocate()
        base = larger
        capacity *= 2
    }
}
