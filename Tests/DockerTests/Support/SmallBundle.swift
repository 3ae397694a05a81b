import HTTP
import Ports

@testable import Docker

/// A bundle whose program is a shell script, for tests of the provider alone: it needs an image with a shell.
enum SmallBundle {
    /// `body` runs in place of the loader.
    static func make(_ body: String = "exec sleep 3600", checksum: Character = "a", arch: String = "x86_64")
        -> WorkerBundle
    {
        var archive = Archive(owner: Archive.Owner(user: 0, group: 0))
        archive.add(file: "loader", mode: 0o755, Array("#!/bin/sh\n\(body)\n".utf8))
        archive.add(file: WorkerBundle.mark, mode: 0o644, [])
        let bytes = archive.finished()
        return WorkerBundle(architecture: arch, checksum: String(repeating: checksum, count: 64)) {
            .success(
                HTTPUpload(length: bytes.count) { offset, most in
                    Array(bytes[offset..<min(offset + most, bytes.count)])
                })
        }
    }
}
