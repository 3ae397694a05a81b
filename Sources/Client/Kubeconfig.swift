import Documents
import HTTP
import Tree

/// A kubeconfig file: clusters, users, and contexts that pair them
/// (kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig).
///
/// Client certificates and tokens are read, inline or from files. Programs that fetch credentials are not run, and a
/// server's certificate is always verified.
package struct Kubeconfig: Sendable {
    private let tree: Tree
    private let path: String
    /// The bytes of a file; nil where there is none.
    private let read: @Sendable (String) throws -> [UInt8]?

    /// Reads the file at that path.
    package init(_ path: String, read: @escaping @Sendable (String) throws -> [UInt8]?) throws(KubeconfigError) {
        self.path = path
        self.read = read
        let bytes: [UInt8]?
        do { bytes = try read(path) } catch { throw KubeconfigError("\(path) can't be read: \(error)") }
        guard let bytes else {
            throw KubeconfigError(
                "there is no kubeconfig at \(path); `reconcile serve` writes one into its state directory, and "
                    + "--kubeconfig names another")
        }
        let documents: [Document]
        do throws(DocumentError) { documents = try Documents.parse(bytes, source: SourceName(path)) } catch {
            throw KubeconfigError("\(error)")
        }
        guard documents.count == 1, documents[0].tree["kind"] == "Config" else {
            throw KubeconfigError("\(path) is no kubeconfig: expected one document of kind Config")
        }
        tree = documents[0].tree
    }

    /// What `context`, or the file's current one, leads to.
    package func access(context asked: String?) throws(KubeconfigError) -> ClusterAccess {
        let name = asked ?? tree["current-context"]?.string ?? ""
        guard !name.isEmpty else {
            throw KubeconfigError("\(path) has no current-context; name one with --context: \(names("contexts"))")
        }
        let context = try entry("contexts", "context", name)
        let clusterName = context["cluster"]?.string ?? ""
        let userName = context["user"]?.string ?? ""
        let cluster = try entry("clusters", "cluster", clusterName)
        var access = ClusterAccess(
            server: try server(cluster, clusterName), tls: TLSSettings(), token: nil, user: userName, context: name,
            namespace: context["namespace"]?.string, source: path)
        access.tls.caPEM = try value(cluster, "certificate-authority")
        access.tls.serverName = cluster["tls-server-name"]?.string
        guard !userName.isEmpty else { return access }
        let user = try entry("users", "user", userName)
        for member in ["exec", "auth-provider", "username"] where user[member] != nil {
            throw KubeconfigError(
                "\(path): user \"\(userName)\" signs in by `\(member)`, which is not supported: give the user a client "
                    + "certificate or a token")
        }
        access.tls.certificatePEM = try value(user, "client-certificate")
        access.tls.keyPEM = try value(user, "client-key")
        guard (access.tls.certificatePEM == nil) == (access.tls.keyPEM == nil) else {
            throw KubeconfigError(
                "\(path): user \"\(userName)\" has half a client certificate: both client-certificate-data and "
                    + "client-key-data are needed")
        }
        access.token = try token(user)
        return access
    }

    // MARK: Details

    private func names(_ list: String) -> String {
        let names = tree[list]?.array?.compactMap { $0["name"]?.string } ?? []
        return names.isEmpty ? "there are none" : names.joined(separator: ", ")
    }

    private func entry(_ list: String, _ member: String, _ name: String) throws(KubeconfigError) -> Tree {
        guard let found = tree[list]?.array?.first(where: { $0["name"]?.string == name }) else {
            throw KubeconfigError("\(path): no \(member) is called \"\(name)\"; \(list): \(names(list))")
        }
        return found[member] ?? .emptyObject
    }

    private func server(_ cluster: Tree, _ name: String) throws(KubeconfigError) -> String {
        func refuse(_ why: String) -> KubeconfigError { KubeconfigError("\(path): cluster \"\(name)\": \(why)") }
        guard let server = cluster["server"]?.string, server.hasPrefix("https://") else {
            throw refuse("its server must be an address that begins with https://")
        }
        if cluster["insecure-skip-tls-verify"] == true {
            throw refuse(
                "insecure-skip-tls-verify is not honoured: put the server's authority into certificate-authority-data")
        }
        if cluster["proxy-url"] != nil { throw refuse("proxy-url is not supported") }
        return String(server.reversed().drop { $0 == "/" }.reversed())
    }

    /// `NAME-data` in base 64, or the file that `NAME` names, relative to the kubeconfig.
    private func value(_ entry: Tree, _ name: String) throws(KubeconfigError) -> [UInt8]? {
        if let data = entry["\(name)-data"]?.string, !data.isEmpty {
            guard let bytes = Base64.decode(data) else {
                throw KubeconfigError("\(path): \(name)-data is not base 64")
            }
            return bytes
        }
        guard let file = entry[name]?.string, !file.isEmpty else { return nil }
        return try content(file, of: name)
    }

    private func token(_ user: Tree) throws(KubeconfigError) -> String? {
        if let token = user["token"]?.string, !token.isEmpty { return token }
        guard let file = user["tokenFile"]?.string, !file.isEmpty else { return nil }
        let bytes = try content(file, of: "tokenFile")
        return String(String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline })
    }

    private func content(_ file: String, of name: String) throws(KubeconfigError) -> [UInt8] {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let place = file.hasPrefix("/") ? file : "\(folder)/\(file)"
        let bytes: [UInt8]?
        do { bytes = try read(place) } catch { throw KubeconfigError("\(path): \(name) \(place): \(error)") }
        guard let bytes else { throw KubeconfigError("\(path): \(name) names \(place), which does not exist") }
        return bytes
    }
}

/// What is wrong with a kubeconfig, and what to do about it.
package struct KubeconfigError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
