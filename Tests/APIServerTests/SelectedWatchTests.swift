import APIServer
import Testing
import Tree

/// A watch with a selector tells what comes and goes, from whatever version it begins.
@Suite struct SelectedWatchTests {
    private static let merge = "application/merge-patch+json"

    private func label(_ desk: Desk, _ value: String) async {
        _ = await desk.say(
            .patch, maps + "/a", "{\"metadata\":{\"labels\":{\"app\":\"\(value)\"}}}", type: Self.merge)
    }

    private func stocked() async throws -> (Desk, String) {
        let desk = try Desk()
        _ = await desk.say(.post, maps, #"{"metadata":{"name":"a","labels":{"app":"x"}}}"#)
        let version = await desk.send(.get, maps).tree["metadata"]?["resourceVersion"]?.string ?? ""
        return (desk, version)
    }

    @Test(arguments: [
        ("app=x", ["DELETED", "ADDED"]), ("app!=x", ["ADDED", "DELETED"]), ("app", ["MODIFIED", "MODIFIED"]),
        ("!app", []), ("app in (y)", ["ADDED", "DELETED"]),
    ])
    func leavingAndComingAreTold(_ selector: String, _ wanted: [String]) async throws {
        let (desk, version) = try await stocked()
        await label(desk, "y")
        await label(desk, "x")
        // The end of what is awaited: an object that every selector lets through.
        _ = await desk.say(.post, maps, #"{"metadata":{"name":"end","labels":{"app":"x"}}}"#)
        let query = ["watch": "true", "resourceVersion": version, "labelSelector": selector]
        let isEndShown = selector == "app=x" || selector == "app"
        let lines = await desk.lines(maps, query, count: wanted.count + (isEndShown ? 1 : 0))
        #expect(lines.prefix(wanted.count).compactMap { $0["type"]?.string } == wanted)
    }

    @Test func whatLeavesIsShownAsItMatchedLast() async throws {
        let (desk, version) = try await stocked()
        await label(desk, "y")
        let query = ["watch": "true", "resourceVersion": version, "labelSelector": "app=x"]
        let line = await desk.lines(maps, query, count: 1).first
        #expect(line?["object"]?["metadata"]?["labels"] == ["app": "x"])
        let now = await desk.send(.get, maps + "/a").tree["metadata"]?["resourceVersion"]
        #expect(line?["object"]?["metadata"]?["resourceVersion"] == now, "under the version of the change")
    }

    @Test(.timeLimit(.minutes(3))) func aVersionThatIsYetToComeIsWaitedFor() async throws {
        let (desk, version) = try await stocked()
        let next = String((UInt64(version) ?? 0) + 1)
        async let lines = desk.lines(maps, ["watch": "true", "resourceVersion": next], count: 1)
        await label(desk, "y")
        await label(desk, "z")
        #expect(await lines.first?["object"]?["metadata"]?["labels"] == ["app": "z"], "what comes after it")
    }

    @Test func initialEventsThatAreForbiddenStayAway() async throws {
        let (desk, _) = try await stocked()
        let query = ["watch": "true", "sendInitialEvents": "false", "resourceVersionMatch": "NotOlderThan"]
        async let lines = desk.lines(maps, query, count: 1)
        for _ in 0..<50 { await Task.yield() }
        await label(desk, "y")
        #expect(await lines.first?["type"] == "MODIFIED")
    }
}
