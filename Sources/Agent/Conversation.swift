import Model

/// One kind of request, of which one at a time is waited for: when to send the next, after an answer, a failure or a
/// silence.
struct Conversation: Sendable {
    /// Of the last request sent.
    private(set) var number = 0
    private(set) var sentAt: Instant?
    private var nextAt: Instant
    /// Not before that, whatever the news.
    private var earliest: Instant
    private var failures = 0
    /// Between two requests, if there is news while one is waited for.
    private var spacing = Conversation.leastSpacing
    private let timeout: Duration
    private let initial: Duration
    private let maximum: Duration

    /// Two requests are at least so far apart, so that what happens at once is told at once.
    static let leastSpacing = Duration.milliseconds(5)
    /// How long nobody waits for: that an attempt runs is told so much later, with its end where that came first, and
    /// the poll after an answer that brought work says what became of it.
    static let patience = Duration.milliseconds(25)

    init(from start: Instant, timeout: Duration, initial: Duration, maximum: Duration) {
        nextAt = start
        earliest = start
        self.timeout = timeout
        self.initial = initial
        self.maximum = maximum
    }

    /// When a request is due: with news, which has to be told by then, also while one is waited for, but no sooner than
    /// the last failure allows.
    func due(news: Instant?) -> Instant? {
        let told = news.map { max($0, earliest) }
        return sentAt == nil ? min(nextAt, told ?? nextAt) : told
    }

    var givesUpAt: Instant? { sentAt.map { $0 + timeout } }

    func awaits(_ number: Int) -> Bool { sentAt != nil && number == self.number }

    mutating func send(now: Instant) -> Int {
        number += 1
        sentAt = now
        earliest = now + spacing
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
        earliest = nextAt
    }

    /// The other side is there again: no reason to wait.
    mutating func hasten(to instant: Instant) {
        if sentAt == nil { nextAt = min(nextAt, instant) }
    }
}
