import Model

/// One kind of request, of which one at a time is waited for: when to send the next, after an answer, a failure or a
/// silence.
struct Conversation: Sendable {
    /// Of the last request sent.
    private(set) var number = 0
    private(set) var sentAt: Instant?
    private var nextAt: Instant
    private var failures = 0
    /// Between two requests, if there is news while one is waited for.
    private var spacing = Conversation.leastSpacing
    private let timeout: Duration
    private let initial: Duration
    private let maximum: Duration

    /// Two requests are at least so far apart, so that what happens at once is told at once. The first word of an
    /// attempt waits for this after the answer that brought it: longer would be seen by everybody who watches a task
    /// start.
    static let leastSpacing = Duration.milliseconds(5)

    init(from start: Instant, timeout: Duration, initial: Duration, maximum: Duration) {
        nextAt = start
        self.timeout = timeout
        self.initial = initial
        self.maximum = maximum
    }

    /// When a request is due; with news also while one is waited for, but no sooner than the last failure allows.
    func due(news: Bool) -> Instant? {
        guard let sentAt else { return nextAt }
        return news ? sentAt + spacing : nil
    }

    var givesUpAt: Instant? { sentAt.map { $0 + timeout } }

    func awaits(_ number: Int) -> Bool { sentAt != nil && number == self.number }

    mutating func send(now: Instant) -> Int {
        number += 1
        sentAt = now
        return number
    }

    mutating func answered(nextAt: Instant) {
        self.nextAt = nextAt
        (sentAt, failures, spacing) = (nil, 0, Self.leastSpacing)
    }

    /// Doubling waits with jitter in [½, 1) of each ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    mutating func failed(now: Instant, random: UInt64) {
        let step = min(initial.milliseconds << Int64(min(failures, 16)), maximum.milliseconds)
        failures += 1
        sentAt = nil
        spacing = .milliseconds(step / 2 + Int64(random % UInt64(max(1, step - step / 2))))
        nextAt = now + spacing
    }

    /// The other side is there again: no reason to wait.
    mutating func hasten(to instant: Instant) {
        if sentAt == nil { nextAt = min(nextAt, instant) }
    }
}
