import SimulatedWorld
import Testing

/// What tells a raw value from a sentence. That no message of a run shows one is judged with every commit.
@Suite struct TextLawTests {
    @Test(arguments: [
        "fenced(Optional(Gone: x))", "ended as Optional(3)", "ProviderError(code: unavailable, message: x)",
        "it said Model.Duration(attoseconds: 3)", "(unknown context at $1)", "Swift.Error",
    ])
    func rawValues(_ text: String) { #expect(text.showsSwift) }

    @Test(arguments: [
        "", "all 3 tasks succeeded", "failed: a (b: c)", "0 of 2 workers fit: 1 cpu (1 of 4)", "f(x: 1)", "RFC(s)",
        "exceeded quota: namespace a, requested: tasks=1", "PLAN(a)", "its time is up; cleaning up: a, b",
    ])
    func sentences(_ text: String) { #expect(!text.showsSwift) }
}
