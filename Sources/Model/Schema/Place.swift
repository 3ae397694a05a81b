/// A property of a value, looked up once: where it is stored in the value it is read and written there. Walking a key
/// path instead takes a tenth of a microsecond each time, and objects have hundreds of fields.
struct Place<Root: Sendable, Value>: Sendable {
    private let path: any WritableKeyPath<Root, Value> & Sendable
    /// Bytes from the beginning of the value; nil where something is computed on the way.
    private let offset: Int?

    init(_ path: any WritableKeyPath<Root, Value> & Sendable) {
        self.path = path
        offset = MemoryLayout<Root>.offset(of: path)
    }

    func get(_ root: Root) -> Value {
        guard let offset else { return root[keyPath: path] }
        return withUnsafePointer(to: root) {
            UnsafeRawPointer($0).advanced(by: offset).assumingMemoryBound(to: Value.self).pointee
        }
    }

    func set(_ value: Value, in root: inout Root) {
        guard let offset else {
            root[keyPath: path] = value
            return
        }
        withUnsafeMutablePointer(to: &root) {
            UnsafeMutableRawPointer($0).advanced(by: offset).assumingMemoryBound(to: Value.self).pointee = value
        }
    }
}
