import Documents
import Storage
import StoreConformance
import Testing
import Tree

@Suite struct ApproximateBytesTests {
    @Test(
        arguments: [
            .null, true, 7, 123_456, "text", [], [1, 2, 3], [:], ["a": "b"],
            ["kind": "Task", "metadata": ["name": "a", "labels": ["x": "y"]], "list": [[:], [], "…"]],
        ] as [Tree])
    func isCloseToTheJSON(_ tree: Tree) {
        let exact = JSON.encode(tree).count
        #expect(abs(tree.approximateBytes - exact) <= 8 + exact / 8, "\(tree.approximateBytes) for \(exact) bytes")
    }
}
