import Client
import Model
import Tree

/// Every change of some objects, one after the other, across restarts of the controller: what changed while none
/// answered comes as one.
struct ChangeFeed {
    enum Change {
        /// At the beginning all of them; later what a list shows that was not seen before.
        case listed([Tree])
        case changed(Tree)
        /// As it was last seen.
        case removed(Tree)
    }

    let objects: ObjectClient
    let console: Console
    let kind: Kind
    var namespace: String?
    var selector: String?
    var fields: String?
    /// Empty: all of them.
    var keys: [ObjectKey] = []

    private static let pause = Duration.milliseconds(500)

    /// Until cancelled.
    func run(_ see: (Change) -> Void) async throws(ClientError) {
        var connection = Reconnection(objects, console, ConnectionNotice(console))
        var shown: [ObjectKey: Tree] = [:]
        while !Task.isCancelled {
            do throws(ClientError) {
                try await listAndWatch(&shown, &connection, see)
                await console.sleep(until: console.instant + Self.pause)
            } catch {
                if Task.isCancelled { return }
                try await connection.wait(after: error)
            }
        }
    }

    private func listAndWatch(
        _ shown: inout [ObjectKey: Tree], _ connection: inout Reconnection, _ see: (Change) -> Void
    ) async throws(ClientError) {
        let listing = try await objects.list(kind, namespace: namespace, selector: selector, fields: fields)
        connection.succeeded()
        let listed = listing.items.filter { key(of: $0) != nil }
        let present = Set(listed.compactMap { ObjectKey(object: $0) })
        for (key, object) in shown.sorted(by: { $0.key < $1.key }) where !present.contains(key) {
            shown[key] = nil
            see(.removed(object))
        }
        see(
            .listed(
                listed.filter { item in key(of: item).map { shown.updateValue(item, forKey: $0) != item } ?? false }))
        var watch = try await objects.watch(
            kind, namespace: namespace, from: listing.version, selector: selector, fields: fields)
        defer { watch.close() }
        while let event = try await watch.next() {
            connection.succeeded()
            switch event {
            case .changed(let object):
                guard let key = key(of: object), shown.updateValue(object, forKey: key) != object else { continue }
                see(.changed(object))
            case .removed(let object):
                guard let key = key(of: object), shown.removeValue(forKey: key) != nil else { continue }
                see(.removed(object))
            case .bookmark: continue
            case .expired: return
            }
        }
    }

    private func key(of object: Tree) -> ObjectKey? {
        ObjectKey(object: object).flatMap { keys.isEmpty || keys.contains($0) ? $0 : nil }
    }
}
