import Kernel
import Ports

extension AttemptRunner.Settings {
    /// With links in what tasks may reach followed once, for all attempts.
    var resolved: AttemptRunner.Settings {
        guard var confinement else { return self }
        func real(_ paths: [String]) -> [String] { Array(Set(paths.map(Confinement.real))).sorted() }
        confinement.readable = real(confinement.readable)
        confinement.writable = real(confinement.writable)
        confinement.hidden = real(confinement.hidden)
        var settings = self
        settings.confinement = confinement
        return settings
    }
}
