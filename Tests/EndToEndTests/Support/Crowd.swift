import Testing

/// Lets only a few of these tests run at once: each has controllers and workers of its own, and some of what is
/// promised is promised in seconds.
struct Crowd: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    @concurrent
    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable @concurrent () async throws -> Void
    ) async throws {
        await Door.shared.enter()
        do { try await body() } catch {
            await Door.shared.leave()
            throw error
        }
        await Door.shared.leave()
    }

    private actor Door {
        static let shared = Door()
        private var places = 3
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func enter() async {
            if places > 0 {
                places -= 1
            } else {
                await withCheckedContinuation { waiting.append($0) }
            }
        }

        func leave() {
            if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
        }
    }
}

extension Trait where Self == Crowd {
    static var crowd: Crowd { Crowd() }
}
