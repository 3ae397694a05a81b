import Coordinator
import Model
import Ports
import Synchronization

/// Listens to one provider: lists its regions anew when it tells of a change, once after each time that it began to
/// tell, and now and then while it can't tell. A provider that tells of everything and has nothing to tell is not
/// asked.
struct ProviderWatch: Sendable {
    let provider: any WorkerProvider
    /// Whether it stays although it has no region.
    let isLasting: Bool
    let clock: any Ports.Clock
    /// Those that it serves now.
    let regions: @Sendable () async -> [String]
    let list: @Sendable (String) async -> Result<[Observation], ProviderError>
    let post: @Sendable (CoordinatorCore.Input) -> Void

    /// What was heard since the last look.
    private struct Heard: Sendable {
        var isFollowing = false
        var isNews = false
        /// Ends that were told with their reason. More than these, the list tells.
        var observed: [Observation] = []
        static let mostObserved = 1024
    }

    private final class Ear: Sendable {
        private let heard = Mutex(Heard())

        func hear(_ news: ProviderNews) {
            heard.withLock {
                switch news {
                case .following:
                    $0.isFollowing = true
                    $0.isNews = true
                case .changed: $0.isNews = true
                case .observed(let observation):
                    if $0.observed.count < Heard.mostObserved { $0.observed.append(observation) }
                    $0.isNews = true
                }
            }
        }

        func take() -> Heard {
            heard.withLock { heard in
                defer {
                    heard.isNews = false
                    heard.observed = []
                }
                return heard
            }
        }
    }

    private enum Round: Sendable { case followed, deaf, over }

    /// Between two tries of a provider that does not tell.
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.seconds(15)
    /// How soon it is noticed that its last region is gone. No call to the provider.
    private static let regionPause = Duration.seconds(30)

    func run() async {
        var failures = 0
        var isFailing = false
        while !Task.isCancelled {
            let round = await listen(&isFailing)
            if Task.isCancelled { return }
            switch round {
            case .over: return
            // Where it tells again at once, nobody need know.
            case .followed: failures = 0
            case .deaf:
                failures += 1
                await say(following: false)
                guard await look(&isFailing, following: false) else { return }
            }
            let pause = min(Self.firstPause * (1 << min(failures, 5)), Self.longestPause)
            // try?: cancelled, the loop ends by itself.
            try? await Task.sleep(for: pause, clock: .continuous)
        }
    }

    /// Until the provider tells no more.
    private func listen(_ isFailing: inout Bool) async -> Round {
        let ear = Ear()
        // Many words in a row need one look.
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await provider.follow { news in
                    ear.hear(news)
                    wake.yield()
                }
                wake.finish()
            }
            group.addTask {
                // try?: it ends when it is cancelled, and no other way.
                while (try? await Task.sleep(for: Self.regionPause, clock: .continuous)) != nil { wake.yield() }
            }
            defer { group.cancelAll() }
            var isFollowing = false
            for await _ in wakes {
                let now = ear.take()
                for observation in now.observed { post(.observed(observation)) }
                if now.isFollowing, !isFollowing {
                    isFollowing = true
                    await say(following: true)
                }
                guard await now.isNews ? look(&isFailing, following: isFollowing) : isWanted() else { return .over }
            }
            return isFollowing ? .followed : .deaf
        }
    }

    private func say(following: Bool) async {
        let since = clock.now.instant
        for region in await regions() { post(.followed(region: region, following, since: since)) }
    }

    private func isWanted() async -> Bool {
        if isLasting { return true }
        return await !regions().isEmpty
    }

    /// Lists, and passes on what was seen. False: it was replaced, or its last region is gone.
    private func look(_ isFailing: inout Bool, following: Bool) async -> Bool {
        let regions = await regions()
        guard let first = regions.first else { return isLasting }
        let began = clock.now.instant
        let seen = await list(first)
        let took = clock.now.instant - began
        // The first failure is news; from then on the regions ask by themselves, less and less often.
        if case .failure = seen {
            if isFailing, !following { return true }
            isFailing = true
        } else {
            isFailing = false
        }
        for region in regions { post(.inventoried(region: region, seen, took: took)) }
        return true
    }
}
