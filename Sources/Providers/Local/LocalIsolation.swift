package import Kernel
package import Model

/// What keeps the tasks of a local region apart, given what the region asks for and what the kernel has.
package struct LocalIsolation: Sendable, Hashable {
    package let isConfined: Bool
    /// For the status of workers, and of their region.
    package let sentence: String
    /// Why no worker can be made; nil where one can.
    package let refusal: String?

    package init(_ local: LocalRegion, _ support: Confinement.Support) {
        let hasKernel = support.abi > 0
        isConfined = local.isolation != .none && hasKernel
        if isConfined {
            let gaps = [
                support.scopesSignals ? nil : "signals reach other processes (Landlock ABI 6 is needed)",
                support.filtersCalls ? nil : "sockets in the file system can be reached (no seccomp)",
                support.ownsMounts
                    ? nil : "modes and owners of other files can be changed (no view of the mounts of its own)",
            ].compactMap(\.self)
            sentence = "Landlock ABI \(support.abi)" + (gaps.isEmpty ? "" : ", but " + gaps.joined(separator: ", and "))
        } else if local.isolation == .none {
            sentence = "none: spec.provider.local.isolation is None; each task may do what the controller's user may"
        } else {
            sentence = "none: this kernel has no Landlock; each task may do what the controller's user may"
        }
        refusal =
            local.isolation == .required && !hasKernel
            ? "spec.provider.local.isolation is Required, and this kernel has no Landlock (Linux 5.13, lsm=landlock): "
                + "use one that has it, or say Auto" : nil
    }
}
