import CLinux
import Glibc

/// What every program needs of a machine and may know: its programs, libraries, settings and devices' facts. Nothing of
/// any user.
package enum SystemPlaces {
    private static let always = [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix/store", "/gnu/store", "/proc",
        "/sys",
        "/run/current-system", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager/resolv.conf",
        "/var/lib/ca-certificates", "/var/cache/fontconfig",
    ]

    /// Where every program of the machine may put what it shares or forgets.
    package static let shared = ["/tmp", "/var/tmp"]

    /// Entries of /etc looked at; beyond them nothing of it is public.
    private static let mostEntries = 20_000

    /// Looked up once: it walks /etc where this is root, whose secrets lie there among what everybody reads.
    package static func find() -> [String] {
        (always + (geteuid() == 0 ? publicParts(of: "/etc") : ["/etc"])).filter { Files.exists($0) }
    }

    /// As few paths as cover what everybody may read there, and nothing else.
    static func publicParts(of place: String) -> [String] {
        var left = mostEntries
        return parts(of: place, &left) ?? [place]
    }

    /// Nil: everybody may read all of it.
    private static func parts(of place: String, _ left: inout Int) -> [String]? {
        var status = stat()
        guard left > 0, lstat(place, &status) == 0 else { return [] }
        left -= 1
        switch status.st_mode & S_IFMT {
        case S_IFLNK:
            // A link is as public as what it points at.
            guard stat(place, &status) == 0 else { return nil }
            let wanted: UInt32 = status.st_mode & S_IFMT == S_IFDIR ? 0o005 : 0o004
            return status.st_mode & wanted == wanted ? nil : []
        case S_IFDIR:
            // try?: a directory that can't be read opens nothing to a task.
            guard status.st_mode & 0o005 == 0o005, let names = try? Files.names(in: place) else { return [] }
            var open: [String] = []
            var isWhole = true
            for name in names {
                let path = "\(place)/\(name)"
                guard let found = parts(of: path, &left) else {
                    open.append(path)
                    continue
                }
                isWhole = false
                open += found
            }
            return isWhole ? nil : open
        default: return status.st_mode & 0o004 == 0o004 ? nil : []
        }
    }
}
