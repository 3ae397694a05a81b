import APIServer
import Commands
import Host
import Kernel
import Model
import Ports
import Serve
import Storage

/// The API on the network: its address, remembered so that a kubeconfig stays true, and the kubeconfig itself.
struct NetworkAPI: Sendable {
    let state: OpenState
    let host: String
    let port: Int

    /// `address`: `HOST:PORT` as it was given; nil takes the port of the last start, or a free one at the first.
    init(_ state: OpenState, address: String?) throws {
        self.state = state
        guard let address else {
            host = "127.0.0.1"
            let bytes = try Files.read(Self.portFile(state), limit: 16)
            port = bytes.flatMap { UInt16(String(decoding: $0, as: UTF8.self)) }.map(Int.init) ?? 0
            return
        }
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]),
            colon != address.startIndex
        else {
            throw Stopped(
                description: "--bind-address \(address): expected HOST:PORT, for example 127.0.0.1:6443")
        }
        host = String(address[..<colon])
        self.port = Int(port)
    }

    static func portFile(_ state: OpenState) -> String { "\(state.directory.path)/api.port" }
    static func kubeconfig(in state: String) -> String { "\(state)/kubeconfig" }

    private var now: Int64 { state.clock.now.wall.milliseconds / 1000 }

    func identity() throws -> Server.Identity {
        let isName = !host.allSatisfy { $0.isNumber || $0 == "." }
        return try state.authority.issueServer(
            names: ["localhost"] + (isName && host != "localhost" ? [host] : []),
            addresses: ["127.0.0.1"] + (isName || host == "127.0.0.1" ? [] : [host]), now: now)
    }

    /// Once it listens: remembers the port and writes the kubeconfig. The address that clients use; nil where it ended
    /// before it listened.
    func announce(_ ports: AsyncStream<Int>) async throws -> String? {
        guard let port = await ports.first(where: { _ in true }) else { return nil }
        let server = "https://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(port)"
        try Files.replace(Self.portFile(state), Array(String(port).utf8))
        let admin = try state.authority.issueClient(user: "admin", groups: ["system:masters"], now: now)
        let text = KubeconfigFile.text(server: server, authority: state.authority, client: admin)
        try Files.replace(Self.kubeconfig(in: state.directory.path), Array(text.utf8))
        return server
    }

    /// Says what to do about it.
    func explain(_ error: AddressInUse) -> Stopped {
        Stopped(description: "\(error); stop that program, or choose another port with --bind-address HOST:PORT")
    }
}

/// The state's key as the API's port for it.
struct StateTokenKey: TokenKey {
    let credentials: Credentials

    func mac(_ bytes: [UInt8]) -> [UInt8] { credentials.mac(bytes) }
    func isCredential(_ text: String, ofWorker uid: String) -> Bool {
        credentials.isCredential(text, workerUID: uid)
    }
}
