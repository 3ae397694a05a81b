import GRDB
import Model
import Ports
import Storage
import Tree

/// Reads a state file's tables into a core. Trusts nothing: a value that can't be ours makes the file a damaged one.
struct StateReader {
    let path: String
    let limits: StoreLimits

    func read(_ db: Database) throws -> (core: StoreCore, clusterID: String) {
        guard let state = try Row.fetchOne(db, sql: "SELECT cluster_id, version, epoch FROM state WHERE id = 1"),
            let clusterID = String.fromDatabaseValue(state["cluster_id"]),
            let version = UInt64.fromDatabaseValue(state["version"]),
            let epoch = UInt64.fromDatabaseValue(state["epoch"])
        else { throw StateFile.corrupt(path, "is damaged (its counters are missing)") }
        var objects: [StoredObject] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT kind, namespace, name, uid, version, json FROM objects")
        while let row = try rows.next() {
            guard let object = object(row), object.version <= version else {
                throw StateFile.corrupt(path, "is damaged (the object \(name(row)) can't be read)")
            }
            objects.append(object)
        }
        return (StoreCore(restoring: objects, version: version, epoch: epoch, limits: limits), clusterID)
    }

    private func object(_ row: Row) -> StoredObject? {
        guard let kind = String.fromDatabaseValue(row[0]).flatMap(Kind.init(rawValue:)),
            let namespace = String.fromDatabaseValue(row[1]), let name = String.fromDatabaseValue(row[2]),
            let uid = String.fromDatabaseValue(row[3]), let version = UInt64.fromDatabaseValue(row[4]),
            let text = String.fromDatabaseValue(row[5])
        else { return nil }
        let json = Array(text.utf8)
        // Read whole once, so that nobody meets what is damaged later.
        guard let tree = PackedObject.parse(json), tree.uid == uid else { return nil }
        let key = ObjectKey(kind, namespace, name)
        if let packed = PackedObject(json) {
            return StoredObject(key: key, uid: uid, version: version, packed: packed)
        }
        return StoredObject(key: key, uid: uid, version: version, tree: tree.stamped(version))
    }

    private func name(_ row: Row) -> String {
        (0..<3).map { String.fromDatabaseValue(row[$0]) ?? "?" }.joined(separator: "/")
    }
}
