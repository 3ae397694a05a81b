import APIServer
import Client
import Controllers
import Host
import Kernel
import Model
import Ports
import Serve
import SQLiteStorage
import Storage
import Text

/// The state of this machine, held by this process alone: its lock, its store, its logs and its keys.
final class OpenState: Sendable {
    let directory: StateDirectory
    let store: SQLiteStore
    let blobs: FileBlobStore
    let authority: CertificateAuthority
    let credentials: Credentials
    let clock = SystemClock()
    let random = SystemRandom()

    private init(
        directory: StateDirectory, store: SQLiteStore, authority: CertificateAuthority, credentials: Credentials
    ) {
        self.directory = directory
        self.store = store
        self.authority = authority
        self.credentials = credentials
        blobs = FileBlobStore(directory.blobs)
    }

    /// Throws `StoreOpenError` where another process holds it, or where it can't be used.
    ///
    /// It closes the process to others, with its core dumps, the files that it makes and what /proc shows of it, and so
    /// everything that it starts; `closingProcess` false leaves the process of somebody else as it is.
    static func open(
        _ path: String, clusterID: String?, quota: NamespaceQuota = NamespaceQuota(), closingProcess: Bool = true
    ) async throws -> OpenState {
        if closingProcess {
            // Of the keys that it holds nothing is left on a disk, and what it makes is its own.
            ResourceLimit.forbidCoreDumps()
            ResourceLimit.setFileMask(0o077)
            // From here on this process holds what nobody else may read.
            try ProcessIdentity.forbidInspection()
        }
        try StateKeys.checkAccess(in: path)
        let directory = try StateDirectory.open(path)
        var limits = StoreLimits()
        limits.quota = quota
        let store = try SQLiteStore.open(directory.database, clusterID: clusterID ?? newClusterID(), limits: limits) {
            reason in
            // A disk that failed under an open store: nothing more may be acknowledged.
            StandardError.line("reconcile: \(reason); stopping")
            SystemExit.now(1)
        }
        if let clusterID, clusterID != store.clusterID {
            let standing = store.clusterID
            await store.close()
            throw Stopped(
                description:
                    "the state in \(path) marks what it makes with cluster id \(standing), not \(clusterID): leave "
                    + "--cluster-id out, or keep that cluster in a state of its own with --state")
        }
        // Its first object comes after its keys.
        let isNew = try store.get(ObjectKey(.namespace, "", "default")) == nil
        let keys = StateKeys(path: directory.path, isNew: isNew)
        let state: OpenState
        do {
            state = OpenState(
                directory: directory, store: store, authority: try keys.authority(),
                credentials: try keys.credentials())
        } catch {
            await store.close()
            throw error
        }
        try await state.makeNamespaces()
        return state
    }

    var api: APIServer {
        APIServer(
            store: store, blobs: blobs, clock: clock, random: random, version: Release.version, tokenKey: tokenKey,
            advice: PoolAdvice.warnings)
    }

    var authenticator: Authenticator { Authenticator(store: store, key: tokenKey, clock: clock) }

    private var tokenKey: StateTokenKey { StateTokenKey(credentials: credentials) }

    /// `default` is there from the start, as in every cluster.
    private func makeNamespaces() async throws {
        let key = ObjectKey(.namespace, "", "default")
        guard try store.get(key) == nil else { return }
        let request = APIRequest(
            .post, APIPath.collection(.namespace, namespace: nil),
            body: Array(#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}"#.utf8))
        _ = try await DirectClient(api).send(request)
    }

    private static func newClusterID() -> String { "local-" + Credentials.randomSecret(bytes: 6) }
}
