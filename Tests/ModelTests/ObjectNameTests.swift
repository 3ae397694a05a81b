import Model
import Testing
import Tree

struct ObjectNameTests {
    private static let long = String(repeating: "a", count: 63)

    @Test(
        "Names are RFC 1123 subdomains",
        arguments: [
            ("us-east-1", true), ("a", true), ("a.b-c.d", true), ("1", true), ("", false), ("A", false),
            ("-a", false),
            ("a-", false), ("a..b", false), (".a", false), ("a_b", false), ("ä", false), ("a b", false),
            (String(repeating: "a", count: 253), true), (String(repeating: "a", count: 254), false),
        ])
    func names(_ name: String, _ valid: Bool) {
        #expect(ObjectName.isValid(name) == valid)
    }

    @Test(
        "Namespaces are RFC 1123 labels",
        arguments: [("a", true), (long, true), (long + "a", false), ("a.b", false)])
    func labels(_ name: String, _ valid: Bool) {
        #expect(ObjectName.isLabel(name) == valid)
    }

    @Test(
        "Keys of labels",
        arguments: [
            ("app", true), ("reconcile.dev/plan", true), ("A_b.C-1", true), ("", false), ("/a", false),
            ("a/", false),
            ("a/b/c", false), ("Reconcile.dev/a", false), ("-a", false), (long, true), (long + "a", false),
        ])
    func keys(_ key: String, _ valid: Bool) {
        #expect(ObjectName.isLabelKey(key) == valid)
    }

    @Test(
        "Values of labels",
        arguments: [("", true), ("A_b.C-1", true), ("a/b", false), ("a ", false), (long + "a", false)])
    func values(_ value: String, _ valid: Bool) {
        #expect(ObjectName.isLabelValue(value) == valid)
    }

    @Test(
        "Metadata is held to them",
        arguments: [
            (.region, ["name": "us-east-1"], nil), (.region, ["name": "US"], "metadata.name"),
            (.region, ["name": "a", "namespace": "b"], "metadata.namespace"),
            (.region, ["name": .string(long + "a")], "metadata.name"),
            (.syncPoint, ["name": .string(long + "a")], nil),
            (.namespace, ["name": "a.b"], "metadata.name"),
            (.secret, ["name": "a", "labels": ["a b": "c"]], "metadata.labels.a b"),
            (.secret, ["name": "a", "labels": ["a": "c/d"]], "metadata.labels.a"),
            (.secret, ["name": "a", "annotations": ["a": "anything, at any length"]], nil),
            (
                .secret,
                ["name": "a", "annotations": ["a": .string(String(repeating: "x", count: 262_144))]],
                "metadata.annotations"
            ),
        ] as [(Kind, Tree, String?)])
    func metadata(_ kind: Kind, _ metadata: Tree, _ path: String?) {
        let issues = semanticIssues(kind: kind, tree: ["metadata": metadata]).filter {
            $0.path.steps.first == .field("metadata")
        }
        #expect(issues.first?.path.description == path)
    }
}
