import Model

/// What a task of a drawn world does, as its command says it: `work FOR FAILURES`, or `work FOR poison`.
struct Work: Sendable, Hashable {
    /// How long an attempt runs when nobody stops it.
    let length: Duration
    /// How many ends are failures before one succeeds.
    let failures: Int

    /// Whether it kills its agent each time it has run for so long.
    let isPoison: Bool

    static let poison = "poison"
    /// So many failures that no limit of retries outlasts them.
    static let always = 99

    /// Nil where the command leaves it to chance.
    init?(_ command: [String]) {
        guard command.count == 3, command[0] == "work", let length = Int64(command[1]) else { return nil }
        isPoison = command[2] == Self.poison
        guard let failures = isPoison ? 0 : Int(command[2]) else { return nil }
        self.length = .milliseconds(length)
        self.failures = failures
    }
}
