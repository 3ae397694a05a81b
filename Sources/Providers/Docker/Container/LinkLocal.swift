import Tree

/// Link-local addresses (RFC 3927): at 169.254.169.254 clouds tell whoever asks from a machine the credentials of that
/// machine.
///
/// A container that has that address itself asks itself, and is refused at once; the rest of the range is on its own
/// bridge then, where nobody has any of it. It needs no privilege, neither inside nor on the engine's machine, whose
/// own routes stay as they are. That containers of one bridge have the same address hurts nobody: none of them is
/// spoken to under it.
enum LinkLocal {
    static let metadata = "169.254.169.254"

    /// What `POST /containers/create` is to say of that network.
    static func keptFrom(_ network: String) -> Tree {
        let endpoint: Tree = ["IPAMConfig": ["LinkLocalIPs": [.string(metadata)]]]
        return ["EndpointsConfig": Tree(dictionaryLiteral: (network, endpoint))]
    }
}
