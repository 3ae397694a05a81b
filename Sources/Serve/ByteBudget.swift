import Synchronization

/// Bytes that may be held at one time: so many by everybody together, of these so many by each, so that nobody's share
/// is all. Those whom nobody knows have one small share together.
package final class ByteBudget: Sendable {
    private struct State {
        var held = 0
        /// Those who hold some, no others.
        var shares: [String: Int] = [:]
    }

    private let total: Int
    private let share: Int
    private let strangers: Int
    private let state = Mutex(State())

    package init(total: Int, share: Int, strangers: Int) {
        self.total = total
        self.share = share
        self.strangers = strangers
    }

    /// What is held now, by everybody.
    package var held: Int { state.withLock { $0.held } }

    /// So many bytes on an account; they are given back when the last reference goes.
    package final class Permit: Sendable {
        private let budget: ByteBudget
        private let account: String
        private let bytes: Mutex<Int>

        fileprivate init(_ budget: ByteBudget, _ account: String, _ bytes: Int) {
            self.budget = budget
            self.account = account
            self.bytes = Mutex(bytes)
        }

        /// False, and nothing was taken: there is no more room, or not for this account.
        package func grow(by count: Int) -> Bool {
            guard budget.add(count, account) else { return false }
            bytes.withLock { $0 += count }
            return true
        }

        deinit { budget.remove(bytes.withLock { $0 }, account) }
    }

    /// Nil: there is no room, or not for this account.
    package func take(_ count: Int, for account: String) -> Permit? {
        add(count, account) ? Permit(self, account, count) : nil
    }

    private func add(_ count: Int, _ account: String) -> Bool {
        state.withLock { state in
            let held = state.shares[account] ?? 0
            let most = account.isEmpty ? strangers : share
            guard state.held + count <= total, held + count <= most else { return false }
            state.held += count
            state.shares[account] = held + count
            return true
        }
    }

    private func remove(_ count: Int, _ account: String) {
        state.withLock { state in
            state.held -= count
            let left = (state.shares[account] ?? 0) - count
            state.shares[account] = left > 0 ? left : nil
        }
    }
}
