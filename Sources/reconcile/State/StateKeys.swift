import Glibc
import Kernel
import Host
import Model
import Serve

/// The secrets of a state: its authority's key and the key of all credentials. Made with a new state; of a standing one
/// they are taken as they are or refused, with the file and what to do, and never made anew behind anybody's back.
struct StateKeys {
    let path: String
    /// Whether the state has nothing yet that they could have signed.
    let isNew: Bool

    private static let authorityBytes = 64 << 10
    private static let keyBytes = 64

    // MARK: Who may read them

    /// Refuses what others may have read or changed. Before anything of the state is opened.
    static func checkAccess(in path: String) throws {
        guard Files.exists(path) else { return }
        let directory = try mode(of: path)
        guard directory & 0o022 == 0 else {
            throw Stopped(
                description:
                    "the state in \(path) can be written by others (mode \(octal(directory))), and with it the "
                    + "objects, keys and logs in it: make sure that nothing was changed, then chmod 700 \(path)")
        }
        if directory & 0o055 != 0 {
            // Nothing can have been changed; from here on nobody looks in either.
            guard chmod(path, 0o700) == 0 else { throw SystemError("chmod", path) }
        }
        for name in ["ca.key", "credentials.key", "kubeconfig"] {
            let file = "\(path)/\(name)"
            guard Files.exists(file) else { continue }
            let mode = try mode(of: file)
            guard mode & 0o077 == 0 else {
                throw Stopped(
                    description: "\(file) can be read or written by others (mode \(octal(mode))), and whoever has its "
                        + "content is an administrator here: chmod 600 \(file), and if others use this machine, begin "
                        + "anew with another state")
            }
        }
    }

    /// Its permissions, if it is ours.
    private static func mode(of file: String) throws -> UInt32 {
        var status = stat()
        guard stat(file, &status) == 0 else { throw SystemError("stat", file) }
        guard status.st_uid == geteuid() else {
            throw Stopped(
                description:
                    "\(file) belongs to user \(status.st_uid), and this is user \(geteuid()): run as that user, "
                    + "or name a state of your own with --state")
        }
        return status.st_mode & 0o7777
    }

    private static func octal(_ mode: UInt32) -> String { "0" + String(mode & 0o777, radix: 8) }

    // MARK: What they hold

    func authority() throws -> CertificateAuthority {
        let (certificate, key) = ("\(path)/ca.crt", "\(path)/ca.key")
        let standing = try Files.read(certificate, limit: Self.authorityBytes)
        let secret = try Files.read(key, limit: Self.authorityBytes)
        guard let standing, let secret else {
            // The key is written first: one without a certificate in a new state is a start that was cut off.
            guard isNew, standing == nil else { throw damage(standing == nil ? certificate : key, "is gone") }
            let made = try CertificateAuthority.generate(now: SystemClock().now.wall.milliseconds / 1000)
            try Files.replace(key, Array(made.keyPEM.utf8), durable: true)
            try Files.replace(certificate, Array(made.certificatePEM.utf8), durable: true)
            return made
        }
        let authority = CertificateAuthority(
            certificatePEM: String(decoding: standing, as: UTF8.self), keyPEM: String(decoding: secret, as: UTF8.self))
        do throws(CertificateAuthority.Damage) { try authority.check() } catch {
            throw damage(error.isOfKey ? key : certificate, "\(error)")
        }
        return authority
    }

    func credentials() throws -> Credentials {
        let file = "\(path)/credentials.key"
        guard let standing = try Files.read(file, limit: 1024) else {
            guard isNew else { throw damage(file, "is gone") }
            let made = Array(Credentials.randomSecret(bytes: Self.keyBytes / 2).utf8)
            try Files.replace(file, made, durable: true)
            return Credentials(key: made)
        }
        guard standing.count == Self.keyBytes else {
            throw damage(file, "has \(standing.count) bytes and not \(Self.keyBytes)")
        }
        return Credentials(key: standing)
    }

    private func damage(_ file: String, _ what: String) -> Stopped {
        let what =
            "\(file) \(what): put it back from a backup, together with the rest of the state. Where there is none, "
        let next =
            file.hasSuffix("credentials.key")
            ? "begin with another state (--state): workers and tokens of this one are known by that key alone"
            : "begin with another state (--state): workers and kubeconfigs of this one trust that authority alone"
        return Stopped(description: what + next)
    }
}
