import CLinux
import Glibc

/// What a program may reach, enforced by the kernel on it and on all that it starts, for good: files by a list of
/// places (Landlock), other processes and their sockets not at all.
///
/// A thread confines itself and starts the program: the process it belongs to stays free, and the program can neither
/// signal nor look into it.
package struct Confinement: Sendable, Hashable {
    /// Files and directories that may be read and run; those that don't exist are left out. All paths are without
    /// links, as `real` makes them.
    package var readable: [String]
    /// Those that may be written too.
    package var writable: [String]
    /// Never reachable, whatever these two say.
    package var hidden: [String]
    /// To be written wherever it lies: a task's own directory is among what is hidden from the others.
    package var own: [String]
    /// It runs in a container, which bounds the rest: all may be reached but what is hidden and other processes.
    package var isContained: Bool

    package init(
        readable: [String] = [], writable: [String] = [], hidden: [String] = [], own: [String] = [],
        isContained: Bool = false
    ) {
        self.readable = readable
        self.writable = writable
        self.hidden = hidden
        self.own = own
        self.isContained = isContained
    }

    /// What this kernel has of it.
    package struct Support: Sendable, Hashable {
        /// Of Landlock; 0 for none.
        package var abi: Int
        /// Calls that no file rule covers can be refused.
        package var filtersCalls: Bool
        /// This process may give what it starts a view of the mounts of its own, where modes, owners and times can't be
        /// changed either.
        package var ownsMounts: Bool

        package static var here: Support {
            var support = ofKernel
            support.ownsMounts = ConfinedMounts.arePossible
            return support
        }

        /// Without trying anything.
        static var ofKernel: Support {
            Support(abi: max(0, Int(clinux_landlock_abi())), filtersCalls: clinux_has_filters() == 1, ownsMounts: false)
        }

        package init(abi: Int, filtersCalls: Bool, ownsMounts: Bool = true) {
            self.abi = abi
            self.filtersCalls = filtersCalls
            self.ownsMounts = ownsMounts
        }

        /// Signals to other processes and abstract sockets of theirs.
        package var scopesSignals: Bool { abi >= 6 }
    }

    package static var isPossible: Bool { Support.ofKernel.abi > 0 }

    /// Entries of a directory looked at where something beneath it is hidden.
    static let mostEntries = 4096

    /// Of the calling thread.
    package func apply() throws(SystemError) {
        let support = Support.ofKernel
        let rights = AccessRights(abi: support.abi)
        let isMasked =
            isContained ? false : try ConfinedMounts(writable: writable, hidden: hidden, own: own).apply()
        let ruleset = Descriptor(
            owning: try check("landlock_create_ruleset") {
                clinux_landlock_create(rights.all, support.scopesSignals ? AccessRights.scopes : 0)
            })
        for grant in try grants(rights, isMasked: isMasked) { try allow(grant, ruleset) }
        try check("prctl") { clinux_no_new_privileges() }
        if !isContained { try check("capset") { clinux_keep_capabilities(Self.capabilities) } }
        try check("landlock_restrict_self") { clinux_landlock_restrict(ruleset.raw) }
        if support.filtersCalls, !isContained { try check("seccomp") { clinux_filter_calls() } }
    }

    /// What of root's is left, as container engines leave it: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID,
    /// SETUID, SETPCAP, NET_BIND_SERVICE, SYS_CHROOT. Not NET_RAW, since the network is the machine's and others' words
    /// pass there; not SETFCAP, by which a file gives away what its maker may not use.
    private static let capabilities: UInt64 = [0, 1, 3, 4, 5, 6, 7, 8, 10, 18].reduce(0) {
        $0 | 1 << UInt64($1)
    }

    // MARK: Places

    struct Grant: Hashable {
        let path: String
        let access: UInt64
    }

    func grants(_ rights: AccessRights, isMasked: Bool = false) throws(SystemError) -> [Grant] {
        if isContained {
            // Names of all may be listed, since a rule for a directory holds for all beneath it.
            return [Grant(path: "/", access: rights.names)]
                + (try Self.carve("/", around: hidden) + own).map { Grant(path: $0, access: rights.all) }
        }
        // What is covered is not there.
        let closed = isMasked ? [] : hidden
        let writable = writable + (isMasked ? [ConfinedMounts.sharedMemory] : [])
        var grants = Self.devices.map { Grant(path: $0, access: rights.device) }
        for (places, access) in [(readable, rights.reading), (writable, rights.writing)] {
            for place in places {
                for path in try Self.carve(place, around: closed) {
                    grants.append(Grant(path: path, access: access))
                }
            }
        }
        return grants + own.map { Grant(path: $0, access: rights.writing) }
    }

    /// The place, or the parts of it in which nothing hidden lies.
    static func carve(_ place: String, around hidden: [String]) throws(SystemError) -> [String] {
        if hidden.contains(where: { isBeneath(place, $0) }) { return [] }
        guard hidden.contains(where: { isBeneath($0, place) }) else { return [place] }
        let names = try Files.names(in: place)
        guard names.count <= mostEntries else { throw SystemError("landlock", place, code: E2BIG) }
        var parts: [String] = []
        for name in names { parts += try carve(place == "/" ? "/\(name)" : "\(place)/\(name)", around: hidden) }
        return parts
    }

    /// Whether that path is among what may be reached; a link counts as what it points at.
    package func covers(_ path: String) -> Bool {
        let path = Self.real(path)
        if isContained {
            return own.contains { Self.isBeneath(path, $0) } || !hidden.contains { Self.isBeneath(path, $0) }
        }
        func isIn(_ places: [String]) -> Bool { places.contains { Self.isBeneath(path, $0) } }
        return isIn(own) || isIn(readable + writable) && !isIn(hidden)
    }

    static func isBeneath(_ path: String, _ place: String) -> Bool {
        path == place || place == "/" || path.hasPrefix(place + "/")
    }

    /// Without links; as it is where there is no such file.
    package static func real(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private func allow(_ grant: Grant, _ ruleset: Descriptor) throws(SystemError) {
        let raw = clinux_open_exactly(grant.path)
        guard raw >= 0 else {
            // Not there; or a link, which somebody may have put there to have more than that place opened.
            if [ENOENT, EACCES, ENOTDIR, ELOOP].contains(errno) { return }
            throw SystemError("open", grant.path)
        }
        let place = Descriptor(owning: raw)
        var status = stat()
        try check("fstat", grant.path) { fstat(place.raw, &status) }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        let access = isDirectory ? grant.access : grant.access & AccessRights.ofFiles
        try check("landlock_add_rule", grant.path) { clinux_landlock_allow(ruleset.raw, place.raw, access) }
    }

    private static let devices = [
        "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
    ]
}

/// Landlock's rights to files, as many as its ABI has (landlock(7)).
struct AccessRights {
    let all: UInt64
    let reading: UInt64
    let writing: UInt64
    let device: UInt64
    let names: UInt64

    /// Abstract sockets, signals.
    static let scopes: UInt64 = 3
    private static let (execute, writeFile, readFile, readDirectory) = (UInt64(1), UInt64(2), UInt64(4), UInt64(8))
    private static let (makeCharacter, makeBlock) = (UInt64(1) << 6, UInt64(1) << 11)
    private static let (truncate, deviceControl) = (UInt64(1) << 14, UInt64(1) << 15)
    static let ofFiles = execute | writeFile | readFile | truncate | deviceControl

    init(abi: Int) {
        // 13 rights in the first; then moving between directories, truncating, and controlling devices.
        let count: UInt64 = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13
        all = (1 << count) - 1
        names = Self.readDirectory
        reading = Self.execute | Self.readFile | Self.readDirectory
        writing = all & ~(Self.makeCharacter | Self.makeBlock | Self.deviceControl)
        device = all & (Self.readFile | Self.writeFile | Self.truncate | Self.deviceControl)
    }
}
