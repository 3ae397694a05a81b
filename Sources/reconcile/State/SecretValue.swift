import Model
import Tree
import WorkerProtocol

/// One value of a Secret, as Kubernetes keeps it: plain under `stringData`, in Base64 under `data`.
enum SecretValue {
    static func read(_ key: String, of secret: Tree) -> [UInt8]? {
        if let plain = secret["stringData"]?[key]?.string { return Array(plain.utf8) }
        guard let encoded = secret["data"]?[key]?.string else { return nil }
        // try?: what is no base64 is no value; who needs it says which key.
        return (try? Base64Bytes(tree: .string(encoded)))?.bytes
    }
}
