import Model
package import Ports
import Tree

/// Turns a bearer token into the caller it stands for, over the objects of the store.
package struct Authenticator: Sendable {
    private let store: any ResourceStore
    private let key: any TokenKey
    private let clock: any Clock

    package init(store: any ResourceStore, key: any TokenKey, clock: any Clock) {
        self.store = store
        self.key = key
        self.clock = clock
    }

    /// A worker's token is `worker.UID.CREDENTIAL`, anything else a ServiceAccount's. Nil: nobody's.
    package func caller(bearer token: String) async throws(StoreError) -> Caller? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0] == "worker" {
            return try await worker(uid: String(parts[1]), credential: String(parts[2]))
        }
        guard let token = ServiceToken(token, key, now: clock.now.wall.milliseconds / 1000),
            let account = try await store.get(ObjectKey(.serviceAccount, token.namespace, token.name)),
            account.uid == token.uid
        else { return nil }
        let word = account.tree["metadata"]?["annotations"]?[Role.annotation]?.string
        let role = word.flatMap(Role.init(rawValue:)).flatMap { $0 == .worker ? nil : $0 }
        return Caller(
            user: "system:serviceaccount:\(token.namespace):\(token.name)", uid: token.uid,
            groups: [
                "system:serviceaccounts", "system:serviceaccounts:\(token.namespace)", Caller.authenticated,
            ],
            grants: role.map { [Caller.Grant($0, namespace: token.namespace)] } ?? [])
    }

    /// The credential is proved first: only a worker of ours makes the store look for it.
    private func worker(uid: String, credential: String) async throws(StoreError) -> Caller? {
        guard key.isCredential(credential, ofWorker: uid),
            let found = try await store.list(StoreQuery(kinds: [.worker])).objects.first(where: { $0.uid == uid })
        else { return nil }
        return Caller(
            user: "system:worker:\(found.key.namespace):\(found.key.name)", uid: uid,
            groups: ["system:workers", Caller.authenticated],
            grants: [Caller.Grant(.worker, namespace: found.key.namespace)],
            worker: Caller.WorkerName(namespace: found.key.namespace, name: found.key.name))
    }
}
