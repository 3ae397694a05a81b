import Commands
import Testing
@Suite struct ScratchTests {
    @Test func show() async throws {
        let desk = try Desk()
        try await desk.store(Shop.state)
        for words in [["--help"], ["get", "--help"], ["--once", "--help"], ["describe", "xplan/shop"], ["describe", "xtask/shop-api"], ["describe", "wpool", "front"], ["describe", "wkr/front-0"], ["describe", "rgn", "east"], ["describe", "syncp/shop-agreed"], ["tree", "shop"], ["top"], ["report", "shop"], ["report", "shop", "-o", "markdown"]] {
            let answer = await desk.run(words + (words.contains("--help") ? [] : ["-n", "shop"]))
            print("$ \(words.joined(separator: " "))  => \(answer.code)\n\(answer.out)\(answer.err)")
        }
    }
}
