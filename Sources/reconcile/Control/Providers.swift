import Docker
import Engine
import HTTP
import Kernel
import Local
import Model
import Ports
import Serve
import Storage
import Synchronization
import Tree

/// Which provider serves a region: this machine's processes, or the engine that its spec names. One is made when its
/// region is first asked for, and anew when the spec changes.
final class Providers: Sendable {
    /// What this build can serve.
    static let kinds: Set<ProviderKind> = [.local, .docker]

    /// A provider to listen to.
    struct Found: Sendable {
        fileprivate let number: Int
        let provider: any WorkerProvider

        /// Whether it is this machine.
        var isLasting: Bool { number == 0 }
    }

    private struct State {
        var lastNumber = 0
        /// Every region that is not served by this machine's processes.
        var docker: [String: (spec: DockerRegion, tls: TLSSettings?, found: Found)] = [:]
    }

    let clusterID: String
    let found: AsyncStream<Found>
    private let post: AsyncStream<Found>.Continuation
    private let store: any ResourceStore
    private let isRehearsal: Bool
    private let authority: String
    private let epoch: UInt64
    private let local: Found
    private let door: GatewayDoor?
    private let http = HTTPClient()
    private let state = Mutex(State())

    /// `door`: nil where nothing is to be created.
    init(_ state: OpenState, _ settings: Settings, gatewayPort: Int, door: GatewayDoor?) throws {
        store = state.store
        clusterID = settings.clusterID
        isRehearsal = settings.rehearsal
        authority = state.authority.certificatePEM
        epoch = settings.epoch
        self.door = door
        (found, post) = AsyncStream.makeStream(of: Found.self)
        local = Found(number: 0, provider: try state.localProvider(cluster: clusterID, gatewayPort: gatewayPort))
        post.yield(local)
    }

    func provider(of region: String) async throws(ProviderError) -> any WorkerProvider {
        if isRehearsal { return local.provider }
        let stored: StoredObject?
        do throws(StoreError) { stored = try await store.get(ObjectKey(.region, "", region)) } catch {
            throw ProviderError(.unavailable, "region \(region) can't be read: \(error)")
        }
        guard let stored else { throw ProviderError(.unavailable, "region \(region) is gone") }
        let spec = try Self.region(stored).spec.provider
        if let docker = spec.docker { return try await engine(region, docker) }
        guard spec.local != nil else {
            throw ProviderError(.unavailable, "this build has no \(spec.kind?.rawValue ?? "such") provider")
        }
        return local.provider
    }

    private static func region(_ stored: StoredObject) throws(ProviderError) -> Region {
        do throws(DecodingIssue) { return try Region(tree: stored.tree) } catch {
            throw ProviderError(.unavailable, "region \(stored.key.name) can't be read: \(error)")
        }
    }

    /// Those that it serves now; empty once it was replaced or its region is gone.
    func regions(of found: Found) async -> [String] {
        let stored: ListResult
        do throws(StoreError) { stored = try await store.list(StoreQuery(kinds: [.region])) } catch {
            // What was so a moment ago.
            return state.withLock { $0.docker.filter { $0.value.found.number == found.number }.keys.sorted() }
        }
        // try?: a region that can't be read is served by nobody; whoever asks for its provider hears why.
        let all = stored.objects.compactMap { try? Region(tree: $0.tree) }
        if found.number == 0 {
            return all.filter { isRehearsal || $0.spec.provider.local != nil }.map(\.metadata.name)
        }
        let here = Set(all.filter { $0.spec.provider.docker != nil }.map(\.metadata.name))
        return state.withLock { state in
            state.docker = state.docker.filter { here.contains($0.key) }
            return state.docker.filter { $0.value.found.number == found.number }.keys.sorted()
        }
    }

    /// A provider by itself, for who cleans up.
    struct Place: Sendable {
        let kind: ProviderKind
        /// Empty for this machine.
        let region: String
        let provider: any WorkerProvider
        /// As people call it.
        var name = "the processes of this machine"
        /// Whether it is the engine that is meant where none is named.
        var isStandard = false
    }

    /// The engine that is meant where none is named, whether a region has it or not.
    func standardEngine() async throws(ProviderError) -> Place {
        let provider = try make(DockerRegion(), nil)
        return Place(
            kind: .docker, region: "", provider: provider, name: "the engine at \(Self.standardEngine)",
            isStandard: true)
    }

    /// This machine's, and one for each region of an engine; `failed` hears of the regions that have none.
    func all(failed: (_ region: String, ProviderError) throws -> Void) async throws -> [Place] {
        var places = [Place(kind: .local, region: "", provider: local.provider)]
        if isRehearsal { return places }
        for stored in try await store.list(StoreQuery(kinds: [.region])).objects {
            let name = stored.key.name
            let region: Region
            do throws(ProviderError) { region = try Self.region(stored) } catch {
                try failed(name, error)
                continue
            }
            guard let docker = region.spec.provider.docker else { continue }
            let provider: any WorkerProvider
            do throws(ProviderError) { provider = try await engine(name, docker) } catch {
                try failed(name, error)
                continue
            }
            let host = docker.host ?? Self.standardEngine
            places.append(
                Place(
                    kind: .docker, region: name, provider: provider, name: "the engine at \(host)",
                    isStandard: host == Self.standardEngine))
        }
        return places
    }

    // MARK: Docker

    private func engine(_ region: String, _ spec: DockerRegion) async throws(ProviderError) -> any WorkerProvider {
        let tls = try await certificates(spec.secretRef)
        if let standing = state.withLock({ $0.docker[region] }), standing.spec == spec, standing.tls == tls {
            return standing.found.provider
        }
        let provider = try make(spec, tls)
        let (found, isNew) = state.withLock { state in
            // Two may have come at once: the first counts.
            if let standing = state.docker[region], standing.spec == spec, standing.tls == tls {
                return (standing.found, false)
            }
            state.lastNumber += 1
            let found = Found(number: state.lastNumber, provider: provider)
            state.docker[region] = (spec, tls, found)
            return (found, true)
        }
        if isNew { post.yield(found) }
        return found.provider
    }

    /// Where a region names none.
    static var standardEngine: String {
        Environment.values["DOCKER_HOST"].flatMap { $0.isEmpty ? nil : $0 } ?? EngineAddress.standard
    }

    private func make(_ spec: DockerRegion, _ tls: TLSSettings?) throws(ProviderError) -> DockerProvider {
        let text = spec.host ?? Self.standardEngine
        guard let address = EngineAddress(text) else {
            throw ProviderError(.unavailable, "spec.provider.docker.host \(text): \(EngineAddress.explanation)")
        }
        var settings = DockerProvider.Settings(clusterID: clusterID, authority: authority)
        settings.landlock = Confinement.Support.here.abi
        settings.epoch = epoch
        settings.image = spec.image ?? settings.image
        settings.network = spec.network ?? settings.network
        settings.gatewayAddress = spec.gatewayAddress
        settings.volumes = spec.volumes
        settings.reachesMetadata = spec.reachesMetadata
        let door = door
        return DockerProvider(
            settings, engine: EngineClient(address, tls: tls, http: http),
            surroundings: .init(
                bundle: { () throws(ProviderError) in try BundleFile.find().bundle },
                reach: { address async throws(ProviderError) in
                    guard let door else { return "" }
                    return try await door.open(address)
                }, isAnswered: { [http] in await Self.isAnswered($0, http) }))
    }

    /// Whether a connection is accepted there, whoever speaks.
    private static func isAnswered(_ url: String, _ http: HTTPClient) async -> Bool {
        var request = HTTPRequest(.get, url, timeout: .seconds(2))
        request.connectTimeout = .seconds(1)
        request.maxResponseBytes = 64 << 10
        do throws(HTTPError) { _ = try await http.send(request) } catch {
            return ![.couldNotConnect, .invalidURL, .timeout].contains(error.code)
        }
        return true
    }

    /// `ca.pem`, `cert.pem` and `key.pem`, as `docker` itself keeps them.
    private func certificates(_ reference: SecretReference?) async throws(ProviderError) -> TLSSettings? {
        guard let reference else { return nil }
        let namespace = reference.namespace ?? "default"
        let name = "secret \(namespace)/\(reference.name)"
        let secret: StoredObject?
        do throws(StoreError) { secret = try await store.get(ObjectKey(.secret, namespace, reference.name)) } catch {
            throw ProviderError(.unavailable, "\(name) with the engine's certificates can't be read: \(error)")
        }
        guard let secret else {
            throw ProviderError(.unavailable, "\(name) with the engine's certificates does not exist; create it")
        }
        var tls = TLSSettings()
        tls.caPEM = SecretValue.read("ca.pem", of: secret.tree)
        tls.certificatePEM = SecretValue.read("cert.pem", of: secret.tree)
        tls.keyPEM = SecretValue.read("key.pem", of: secret.tree)
        guard tls.caPEM != nil, (tls.certificatePEM == nil) == (tls.keyPEM == nil) else {
            throw ProviderError(
                .unauthorised, "\(name) needs ca.pem, and cert.pem with key.pem where the engine asks for a client")
        }
        return tls
    }
}
