/// How a command ends, for scripts and pipelines.
package enum Exit: Int32, Sendable, CaseIterable {
    case done = 0
    /// Wrong usage, or something that should not happen.
    case failed = 1
    /// The work failed or can't go on.
    case stuck = 2
    case timedOut = 3
    /// A manifest is wrong; nothing was applied.
    case invalid = 4
    /// Converged as far as possible; work still runs elsewhere.
    case stillRunning = 5

    static let common = """
        EXIT CODES
          0  done
          1  wrong usage, or an internal error
        """

    static let manifests = common + "\n  4  a manifest is invalid, and nothing was applied"

    static let waits = """
        EXIT CODES
          0  the condition was met
          1  wrong usage, or an internal error
          2  it failed, so the condition can't be met
          3  timed out
        """

    static let once = """
        EXIT CODES
          0  everything is ready or has succeeded
          1  wrong usage, or an internal error
          2  something failed or can't proceed
          3  timed out
          4  a manifest is invalid, and nothing was applied
          5  converged as far as possible, and work still runs elsewhere
          130, 143  interrupted, terminated
        """

    static let difference = """
        EXIT CODES
          0  no differences
          1  differences
          2  wrong usage, or an internal error
          4  a manifest is invalid
        """

    static let plan = """
        EXIT CODES
          0  planned; with --detailed-exitcode: nothing to change
          1  wrong usage, or an internal error
          2  with --detailed-exitcode: something to change
          3  gave up: the preview was not over within its bounds
          4  a manifest is invalid
        """
}
