/// What becomes of a request, decided on its head: who asks and whether they may is known before a byte of the body is
/// kept.
package enum Reception: Sendable {
    /// Answered at once. What follows the head is read and thrown away, up to a bound, and the connection is closed.
    case refused(ServedResponse)
    /// The body is read, of so many bytes at most and on that account, and then answered. The empty account is that of
    /// all whom nobody knows.
    case admitted(bodyLimit: Int, account: String, answer: @Sendable (ServedRequest) async -> ServedResponse)
}
