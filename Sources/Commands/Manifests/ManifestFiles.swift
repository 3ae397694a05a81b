import Documents
import Glibc
import Kernel
import Text

/// Finds and reads the files of `-f`, within one limit for all of them. A file that is too large is refused by size,
/// unread.
struct ManifestFiles {
    /// One input: its bytes and the name that messages call it by.
    struct Input {
        let source: SourceName
        let bytes: [UInt8]
    }

    private static let deepest = 32
    private static let most = 10_000
    private static let endings = [".yaml", ".yml", ".json"]

    private let recursive: Bool
    private let console: Console
    private var bytesLeft: Int
    private(set) var inputs: [Input] = []

    init(recursive: Bool, console: Console, limit: Int = Limits.manifest.inputBytes) {
        self.recursive = recursive
        self.console = console
        bytesLeft = limit
    }

    mutating func add(_ path: String) throws(CommandError) {
        if path == "-" {
            let bytes = try console.input(bytesLeft)
            bytesLeft -= bytes.count
            inputs.append(Input(source: .standardInput, bytes: bytes))
            return
        }
        if isDirectory(path) {
            let before = inputs.count
            let directory = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            try addDirectory(directory, depth: 0)
            guard inputs.count > before else {
                throw CommandError(
                    .invalid, "\(path): no manifests in this directory: no file ends in .yaml, .yml or .json",
                    next: recursive ? nil : "Add -R to go into the directories in it.")
            }
            return
        }
        guard Files.exists(path) else {
            throw CommandError(.failed, "\(path): there is no such file or directory")
        }
        try addFile(path)
    }

    private mutating func addDirectory(_ path: String, depth: Int) throws(CommandError) {
        guard depth <= Self.deepest else {
            throw CommandError(.invalid, "\(path): directories inside each other more than \(Self.deepest) deep")
        }
        let names: [String]
        do throws(SystemError) { names = try Files.names(in: path) } catch {
            throw CommandError(.failed, "\(path): the directory can't be read: \(error.reason)")
        }
        for name in names where !name.hasPrefix(".") {
            let inner = "\(path)/\(name)"
            if isDirectory(inner) {
                if recursive { try addDirectory(inner, depth: depth + 1) }
            } else if Self.endings.contains(where: name.hasSuffix) {
                try addFile(inner)
            }
        }
    }

    private mutating func addFile(_ path: String) throws(CommandError) {
        guard inputs.count < Self.most else {
            throw CommandError(.invalid, "more than \(Self.most) files; apply fewer at a time")
        }
        do throws(SystemError) {
            let file = try Descriptor.open(path, .read)
            let size = try file.size()
            guard size <= bytesLeft else { throw SystemError("read", path, code: EFBIG) }
            let bytes = try file.readAll(limit: bytesLeft)
            bytesLeft -= bytes.count
            inputs.append(Input(source: SourceName(path), bytes: bytes))
        } catch  where error.code == EFBIG {
            throw CommandError(
                .invalid, "\(path): too large: all manifests together may have \(Limits.manifest.inputBytes >> 20) MiB",
                next: "Apply fewer at a time; keep data outside manifests.")
        } catch {
            throw CommandError(.failed, "\(path): can't be read: \(error.reason)")
        }
    }

    private func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
