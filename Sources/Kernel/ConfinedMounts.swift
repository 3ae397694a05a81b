import CLinux
import Glibc

/// A view of the mounts for a confined thread and what it starts: all of it read-only but what may be written, and what
/// is hidden covered by an empty directory in which only the program's own lie.
///
/// File rules (Landlock) don't speak of modes, owners, times and attributes: without this view a program that is the
/// same user opens to others what it may not read itself.
struct ConfinedMounts {
    let writable: [String]
    let hidden: [String]
    let own: [String]

    static let sharedMemory = "/dev/shm"

    /// Whether this process may make one.
    static var arePossible: Bool {
        let places = ConfinedMounts(writable: SystemPlaces.shared, hidden: [], own: [])
        // try?: what can't be tried is not possible.
        return PosixThread.run { (try? places.apply()) ?? false } ?? false
    }

    /// Of the calling thread. False where this process may not mount, or not all of it: nothing is mounted then, and
    /// what lies beside the hidden is to be listed.
    func apply() throws(SystemError) -> Bool {
        guard geteuid() == 0, let before, clinux_own_mounts() == 0 else { return false }
        do throws(SystemError) {
            try mount()
            return true
        } catch {
            try check("setns") { clinux_enter_mounts(before.raw) }
            return false
        }
    }

    private var before: Descriptor? {
        let raw = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC)
        return raw < 0 ? nil : Descriptor(owning: raw)
    }

    private func mount() throws(SystemError) {
        let closed = hidden.filter { Files.exists($0) }
        // As they are mounted now: what is read-only among them stays so.
        let open = try copies(of: writable + own.filter { !Self.isIn($0, closed) })
        let kept = try copies(of: own.filter { Self.isIn($0, closed) })
        try check("mount_setattr") { clinux_mounts_read_only() }
        for copy in open { try attach(copy) }
        if Files.exists(Self.sharedMemory) { try check("mount", Self.sharedMemory) { clinux_mount_shared_memory() } }
        for place in closed { try check("mount", place) { clinux_mount_empty(place) } }
        for copy in kept {
            try Files.makeDirectories(copy.path)
            try attach(copy)
        }
        for place in closed { try check("mount", place) { clinux_mount_read_only(place) } }
    }

    private struct Copy {
        let path: String
        let tree: Descriptor
    }

    /// What isn't there, or is a link, which somebody may have put there to have more than that place opened, is left
    /// out, as the rules for files leave it out.
    private func copies(of places: [String]) throws(SystemError) -> [Copy] {
        var copies: [Copy] = []
        for path in places {
            guard let place = try Self.exactly(path) else { continue }
            copies.append(
                Copy(path: path, tree: Descriptor(owning: try check("open_tree", path) { clinux_copy_tree(place.raw) }))
            )
        }
        return copies
    }

    private func attach(_ copy: Copy) throws(SystemError) {
        guard let place = try Self.exactly(copy.path) else { throw SystemError("open", copy.path, code: ENOENT) }
        try check("move_mount", copy.path) { clinux_attach_tree(copy.tree.raw, place.raw) }
    }

    private static func exactly(_ path: String) throws(SystemError) -> Descriptor? {
        let raw = clinux_open_exactly(path)
        guard raw >= 0 else {
            if [ENOENT, EACCES, ENOTDIR, ELOOP].contains(errno) { return nil }
            throw SystemError("open", path)
        }
        return Descriptor(owning: raw)
    }

    private static func isIn(_ path: String, _ places: [String]) -> Bool {
        places.contains { Confinement.isBeneath(path, $0) }
    }
}
