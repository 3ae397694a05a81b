import Kernel
import Ports

/// What a program of this machine needs to run where nothing of the machine is, in any image: itself, its loader and
/// its libraries, each seen inside by a mount of its own. Nothing is copied, and nothing is left.
struct ProgramFiles: Sendable, Hashable {
    /// Inside, away from everything that images have.
    static let directory = "/reconcile/program"

    let program: String
    /// Nil where it is linked statically: then it needs nothing.
    private(set) var loader: String?
    /// By the names under which the loader looks for them.
    private(set) var libraries: [String: String] = [:]
    private(set) var missing: [String] = []

    private static let listingBytes = 256 << 10

    /// Asks the program's own loader, as ldd does: with this variable it lists what it would load, and ends.
    static func find(_ program: String) throws(SystemError) -> ProgramFiles {
        let (pid, output) = try startListing(program)
        let listing = try output.readAll(limit: listingBytes)
        _ = try Children.wait(pid)
        return ProgramFiles(program: program, listing: String(decoding: listing, as: UTF8.self))
    }

    /// On return nobody but the child can write: the listing ends with it.
    private static func startListing(_ program: String) throws(SystemError) -> (Int32, Descriptor) {
        let pipe = try Descriptor.pipe()
        var request = SpawnRequest([program], environment: ["LD_TRACE_LOADED_OBJECTS=1"])
        request.descriptors = [nil, pipe.write]
        return (try request.spawn(), pipe.read)
    }

    /// Lines such as `libc.so.6 => /lib/libc.so.6 (0x7f…)` and `/lib64/ld-linux-x86-64.so.2 (0x7f…)`.
    init(program: String, listing: String) {
        self.program = program
        for line in listing.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            if words.count >= 3, words[1] == "=>" {
                let name = words[0].split(separator: "/").last.map(String.init) ?? words[0]
                if words[2].hasPrefix("/") { libraries[name] = words[2] } else { missing.append(words[0]) }
            } else if words.count == 2, words[0].hasPrefix("/"), words[1].hasPrefix("(") {
                loader = words[0]
            }
        }
    }

    private func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    var mounts: [ContainerOrder.Mount] {
        var mounts = [ContainerOrder.Mount(program, at: "\(Self.directory)/\(name(program))", isReadOnly: true)]
        guard let loader else { return mounts }
        mounts.append(.init(loader, at: "\(Self.directory)/loader", isReadOnly: true))
        for library in libraries.keys.sorted() {
            guard let path = libraries[library] else { continue }
            mounts.append(.init(path, at: "\(Self.directory)/lib/\(library)", isReadOnly: true))
        }
        return mounts
    }

    /// Inside.
    func command(_ arguments: [String]) -> [String] {
        let program = "\(Self.directory)/\(name(program))"
        let start =
            loader == nil
            ? [program] : ["\(Self.directory)/loader", "--library-path", "\(Self.directory)/lib", program]
        return start + arguments
    }
}
