import Model
import Ports
import Tree

/// Makes core/v1 Events out of records: an equal one raises `count` of the Event that stands instead of adding another.
enum EventLog {
    /// Events that are older go, with the next one that is made in their namespace.
    static let retention = Duration.hours(1)
    /// And so do the oldest of more than this in a namespace.
    static let bound = 1000

    /// The write for one record, or nil where the same was said within the last second.
    static func write(_ record: EventRecord, about object: ObjectKey, uid: String, cache: Cache, now: Moment) -> Write?
    {
        let name = "\(object.name.prefix(230)).\(hex(fingerprint([uid, record.reason.rawValue, record.message])))"
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        let key = ObjectKey(.event, namespace, name)
        let time = Tree.string(now.wall.wholeSeconds.description)
        if let (standing, version) = cache.stored(key) {
            if standing["lastTimestamp"] == time { return nil }
            var tree = standing
            tree["count"] = .int((standing["count"]?.int ?? 1) + 1)
            tree["lastTimestamp"] = time
            return .update(key, tree, expecting: version)
        }
        var reference: Tree = [
            "apiVersion": .string(object.kind.apiVersion), "kind": .string(object.kind.rawValue),
            "name": .string(object.name), "uid": .string(uid),
        ]
        if !object.namespace.isEmpty { reference["namespace"] = .string(object.namespace) }
        let metadata: Tree = [
            "name": .string(name), "namespace": .string(namespace), "uid": .string(eventUID(name)),
            "creationTimestamp": time,
        ]
        return .create(
            key,
            [
                "apiVersion": "v1", "kind": "Event", "metadata": metadata, "involvedObject": reference,
                "reason": .string(record.reason.rawValue), "message": .string(bounded(record.message)),
                "type": .string(record.severity.rawValue), "count": 1, "firstTimestamp": time,
                "lastTimestamp": time, "reportingComponent": "reconcile-controller",
                "source": ["component": "reconcile-controller"],
            ])
    }

    /// An Event's uid follows from its name: making it again after an unknown outcome makes the same one.
    private static func eventUID(_ name: String) -> String {
        var random = Randomness(seed: fingerprint([name]))
        return random.uuid()
    }

    private static func bounded(_ message: String) -> String {
        message.utf8.count <= 1024 ? message : String(message.prefix(1000)) + "…"
    }

    /// FNV-1a, 64 bits.
    private static func fingerprint(_ parts: [String]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        return hash
    }
}
