package import Engine
import Model
import Placement

/// Binds every ready task at once: one snapshot, one decision, one commit.
///
/// Of tasks that are alike so many are looked at that one of them finds no place: those behind it can't be better off.
/// Many kinds that wait together cost no more than one. What the last one looked at is told, all behind it are told
/// with it, and count as demand with it.
package enum PlacementRound {
    package static let reconciler = RoundReconciler(keeping: { snapshot, locked, now, changes, memory in
        var state = memory as? RoundState ?? RoundState()
        memory = nil
        defer { memory = state }
        let gather = RoundGather(snapshot: snapshot, locked: locked, now: now)
        state.update(changes, gather)
        var turn = RoundTurn(state, gather)
        guard !turn.input.tasks.isEmpty else {
            var result = RoundReconciler.Result()
            result.cursor = snapshot.live.cursor
            return result
        }
        var result: RoundResult
        repeat {
            result = Round.decide(turn.input)
            if let wider = gather.widened(turn.input, after: result) { result = Round.decide(wider) }
        } while turn.looksFurther(after: result, state)
        return turn.outcome(of: result, &state)
    })
}
