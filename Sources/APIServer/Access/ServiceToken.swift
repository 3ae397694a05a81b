import Documents
import Model
import Tree

/// A token of a ServiceAccount: a JSON Web Token (RFC 7519) signed HS256, good until it expires or its account goes.
struct ServiceToken: Sendable, Hashable {
    var namespace: String
    var name: String
    /// Of the account: a new account of the same name is another.
    var uid: String
    /// Seconds since 1970.
    var issued: Int64
    var expires: Int64

    static let shortest: Int64 = 600
    static let longest: Int64 = 30 * 86400
    private static let lengthLimit = 4096
    private static let header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
    private static let issuer = "reconcile"

    func signed(_ key: any TokenKey) -> String {
        let claims: Tree = [
            "iss": .string(Self.issuer), "sub": .string("system:serviceaccount:\(namespace):\(name)"),
            "namespace": .string(namespace), "name": .string(name), "uid": .string(uid), "iat": .int(issued),
            "exp": .int(expires),
        ]
        let text = Base64URL.encode(Array(Self.header.utf8)) + "." + Base64URL.encode(JSON.encode(claims))
        return text + "." + Base64URL.encode(key.mac(Array(text.utf8)))
    }

    /// Nil: not ours, changed, or expired at `now` (seconds since 1970).
    init?(_ text: String, _ key: any TokenKey, now: Int64) {
        guard text.utf8.count <= Self.lengthLimit else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        // try?: a token that can't be read is nobody's.
        guard parts.count == 3, let given = Base64URL.decode(parts[2]),
            Self.equal(given, key.mac(Array("\(parts[0]).\(parts[1])".utf8))),
            // try?: as above.
            let body = Base64URL.decode(parts[1]), let claims = try? JSON.parse(body),
            claims["iss"]?.string == Self.issuer, let namespace = claims["namespace"]?.string,
            let name = claims["name"]?.string, let uid = claims["uid"]?.string,
            case .int(let issued)? = claims["iat"], case .int(let expires)? = claims["exp"], now < expires
        else { return nil }
        self.init(namespace: namespace, name: name, uid: uid, issued: issued, expires: expires)
    }

    init(namespace: String, name: String, uid: String, issued: Int64, expires: Int64) {
        self.namespace = namespace
        self.name = name
        self.uid = uid
        self.issued = issued
        self.expires = expires
    }

    /// In time that tells nothing of where they differ.
    private static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Base 64 for URLs, without padding (RFC 4648, section 5).
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (value, bits) = (UInt32(0), 0)
        for byte in bytes {
            value = (value << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(value >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(value << UInt32(6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (value, bits) = (UInt32(0), 0)
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { return nil }
            value = (value << 6 | UInt32(digit)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(value >> UInt32(bits) & 255))
            }
        }
        return bytes
    }
}
