package import Model

extension Reason {
    /// Told of an attempt that could not be started for want of what its worker should have. For a while the worker is
    /// thought unwell, so that what is placed next goes elsewhere.
    package var harmsWorker: Bool { self == .workerExhausted }
}
