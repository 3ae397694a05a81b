import CCurl
import Glibc

/// The one thread that owns the multi handle and every easy handle. It sleeps in `curl_multi_poll` until the
/// network, a deadline or the mailbox has something for it.
final class TransferLoop {
    private let multi: UnsafeMutableRawPointer
    private let mailbox: Mailbox
    private let settings: HTTPClient.Settings
    /// On the wire, in the order they were started.
    private var transfers: [Transfer] = []
    /// Not on the wire yet, in the order they came.
    private var waiting: [Exchange] = []
    private var isStopping = false

    /// libcurl, OpenSSL and a DNS answer fit many times; only what is touched is paid for.
    private static let stackBytes = 512 << 10
    private static let longestSleep = Duration.seconds(3600)
    private static let globalInit: CURLcode = ccurl_global_init()

    private init(multi: UnsafeMutableRawPointer, mailbox: Mailbox) {
        self.multi = multi
        self.mailbox = mailbox
        settings = mailbox.settings
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.maxIdleConnections)
        ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, 0)
    }

    /// A new thread with a new multi handle, which the mailbox may wake until `loopEnds`. Nil: no memory or
    /// no thread.
    static func start(serving mailbox: Mailbox) -> UnsafeMutableRawPointer? {
        guard globalInit == CURLE_OK, let multi = curl_multi_init() else { return nil }
        let loop = Unmanaged.passRetained(TransferLoop(multi: multi, mailbox: mailbox))
        guard startThread(loop.toOpaque()) else {
            loop.release()
            curl_multi_cleanup(multi)
            return nil
        }
        return multi
    }

    /// The thread takes no signal: they belong to the program, and a write to a closed socket must not raise
    /// SIGPIPE.
    private static func startThread(_ loop: UnsafeMutableRawPointer) -> Bool {
        var attributes = pthread_attr_t()
        var allSignals = sigset_t()
        var callersSignals = sigset_t()
        var thread = pthread_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        sigfillset(&allSignals)
        pthread_sigmask(SIG_BLOCK, &allSignals, &callersSignals)
        defer { pthread_sigmask(SIG_SETMASK, &callersSignals, nil) }
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { opaque in
            guard let opaque else { return nil }
            Unmanaged<TransferLoop>.fromOpaque(opaque).takeRetainedValue().run()
            return nil
        }
        return pthread_create(&thread, &attributes, main, loop) == 0
    }

    // MARK: the loop

    private func run() {
        while true {
            for command in mailbox.take() { apply(command) }
            var running: Int32 = 0
            guard !isStopping, curl_multi_perform(multi, &running) == CURLM_OK else { break }
            reap()
            expire(ContinuousClock.now)
            admit()
            guard curl_multi_poll(multi, nil, 0, sleepMilliseconds(ContinuousClock.now), nil) == CURLM_OK
            else { break }
        }
        close()
    }

    private func apply(_ command: Mailbox.Command) {
        switch command {
        case .start(let exchange):
            waiting.append(exchange)
        case .abort(let exchange):
            if let index = transfers.firstIndex(where: { $0.exchange === exchange }) {
                drop(transfers.remove(at: index))
            } else if let index = waiting.firstIndex(where: { $0 === exchange }) {
                waiting.remove(at: index)
                mailbox.exchangeEnded()
            }
        case .resume(let exchange):
            guard let index = transfers.firstIndex(where: { $0.exchange === exchange }) else { return }
            let result = transfers[index].resume()
            if result != CURLE_OK { end(transfers.remove(at: index), result) }
        case .stop:
            isStopping = true
        }
    }

    /// Puts waiting exchanges on the wire while there is room.
    private func admit() {
        var taken = 0
        for exchange in waiting where transfers.count < settings.maxTransfers {
            taken += 1
            guard !exchange.isOver else {
                mailbox.exchangeEnded()
                continue
            }
            start(exchange)
        }
        waiting.removeFirst(taken)
    }

    private func start(_ exchange: Exchange) {
        let refused: CURLcode
        switch Transfer.make(for: exchange) {
        case .success(let transfer):
            if curl_multi_add_handle(multi, transfer.easy) == CURLM_OK {
                transfers.append(transfer)
                return
            }
            refused = CURLE_OUT_OF_MEMORY
        case .failure(let code): refused = code.code
        }
        let host = exchange.prepared.host
        exchange.ended(.failed(.curl(refused, detail: "", host: host, sent: false)))
        mailbox.exchangeEnded()
    }

    /// Ends the transfers libcurl is done with.
    private func reap() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let index = transfers.firstIndex(where: { $0.easy == easy })
            else { continue }
            let result = message.pointee.data.result
            end(transfers.remove(at: index), result)
        }
    }

    private func expire(_ now: ContinuousClock.Instant) {
        for transfer in transfers {
            guard let error = transfer.lateness(now) else { continue }
            transfer.exchange.ended(.failed(error))
            drop(transfer)
        }
        transfers.removeAll(where: \.isDropped)
        func isLate(_ exchange: Exchange) -> Bool { exchange.deadline.map { $0 <= now } ?? false }
        for exchange in waiting where isLate(exchange) {
            exchange.ended(.failed(.timedOut(exchange.prepared.host, sent: false)))
            mailbox.exchangeEnded()
        }
        waiting.removeAll(where: isLate)
    }

    private func sleepMilliseconds(_ now: ContinuousClock.Instant) -> Int32 {
        let deadlines = transfers.compactMap(\.deadline) + waiting.compactMap(\.deadline)
        let nearest = deadlines.min()
        let sleep = nearest.map { min(max($0 - now, .zero), Self.longestSleep) } ?? Self.longestSleep
        let (seconds, attoseconds) = sleep.components
        // Rounded up: a sleep that ends a fraction early would spin.
        return Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    private func end(_ transfer: Transfer, _ result: CURLcode) {
        transfer.exchange.ended(transfer.outcome(result))
        drop(transfer)
    }

    private func drop(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        transfer.drop()
        mailbox.exchangeEnded()
    }

    /// Nobody is left waiting: what is on the wire, in the queue and in the mailbox ends as closed.
    private func close() {
        for transfer in transfers {
            transfer.exchange.ended(.failed(.closed(transfer.host, sent: transfer.wasSent)))
            drop(transfer)
        }
        transfers = []
        for case .start(let exchange) in mailbox.loopEnds() { waiting.append(exchange) }
        for exchange in waiting {
            exchange.ended(.failed(.closed(exchange.prepared.host, sent: false)))
        }
        waiting = []
        curl_multi_cleanup(multi)
        mailbox.loopEnded()
    }
}
