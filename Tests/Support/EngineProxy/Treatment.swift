/// What the proxy does with one call. The closures run on the thread that carries it, which waits for them.
package struct Treatment: Sendable {
    package enum Reply: Sendable {
        case whole
        /// The connection ends in the middle of it.
        case half
        /// The connection ends in place of it.
        case none
    }

    package struct Answer: Sendable {
        var status: Int
        var type: String
        var body: String
    }

    /// The call is here, and the engine has not seen it.
    package var onArrival: @Sendable () -> Void = {}
    package var reachesEngine = true
    /// The engine has answered, and the caller has not seen it.
    package var onReply: @Sendable () -> Void = {}
    package var reply = Reply.whole
    /// The caller may have seen it.
    package var onDelivery: @Sendable () -> Void = {}
    /// In place of the engine's.
    package var answer: Answer?

    package init() {}

    package static let pass = Treatment()
    /// The engine never sees it, and the caller can't know.
    package static var dropBefore: Treatment {
        var treatment = Treatment()
        treatment.reachesEngine = false
        return treatment
    }
    /// The engine acts; what it says is lost.
    package static var dropAfter: Treatment {
        var treatment = Treatment()
        treatment.reply = .none
        return treatment
    }
    /// The engine acts; what it says ends in the middle.
    package static var cut: Treatment {
        var treatment = Treatment()
        treatment.reply = .half
        return treatment
    }
    /// The engine never sees it; the caller is told this.
    package static func answer(_ status: Int, _ body: String, type: String = "application/json") -> Treatment {
        var treatment = Treatment.dropBefore
        treatment.answer = Answer(status: status, type: type, body: body)
        return treatment
    }
}
