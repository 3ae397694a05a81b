import Apply
import Model
import Testing
import Tree

@Suite struct DefaultingTests {
    @Test(arguments: [
        (
            #"{"region":"r"}"#,
            #"{"region":"r","replicas":1,"minWorkers":0,"maxWorkers":10,"type":"Local","interval":"30s"}"#,
            "missing members get their defaults"
        ),
        (
            #"{"region":"r","replicas":4,"minWorkers":1,"maxWorkers":2,"type":"CloudVM","interval":"1m"}"#,
            #"{"region":"r","replicas":4,"minWorkers":1,"maxWorkers":2,"type":"CloudVM","interval":"1m"}"#,
            "what is written stays"
        ),
        (
            #"{"region":"r","replicas":null,"price":null}"#,
            #"{"region":"r","replicas":1,"minWorkers":0,"maxWorkers":10,"type":"Local","interval":"30s"}"#,
            "null takes the default, or goes where there is none"
        ),
        (
            #"{"region":"r","probe":{}}"#,
            #"{"region":"r","probe":{"path":"/","retries":3},"replicas":1,"minWorkers":0,"maxWorkers":10,"type":"Local","interval":"30s"}"#,
            "the members of an object are filled in where it is present"
        ),
        (
            #"{"region":"r","template":{"a":null}}"#,
            #"{"region":"r","template":{"a":null},"replicas":1,"minWorkers":0,"maxWorkers":10,"type":"Local","interval":"30s"}"#,
            "open values are nobody's business"
        ),
    ])
    func defaults(_ row: (written: String, expected: String, because: String)) {
        var spec = json(row.written)
        Defaulting.apply(PoolSpec.schema, to: &spec)
        #expect(spec == json(row.expected), "\(row.because)")
        let once = spec
        Defaulting.apply(PoolSpec.schema, to: &spec)
        #expect(spec == once, "defaulting what is defaulted changes nothing")
    }

    @Test func elementsOfListsGetTheirDefaults() {
        struct Outer: Structured {
            var probes: [PoolProbe] = []
            static var shape: Shape<Outer> { Shape("Outer.", .list("probes", \.probes, "Probes.")) }
        }
        var tree = json(#"{"probes":[{"path":"/x"},{}]}"#)
        Defaulting.apply(Outer.schema, to: &tree)
        #expect(tree == json(#"{"probes":[{"path":"/x","retries":3},{"path":"/","retries":3}]}"#))
    }

    @Test func defaultsOfOurKindsAreCompleteAfterOnePass() {
        for kind in Kind.own {
            var tree: Tree = ["spec": .emptyObject]
            Defaulting.apply(kind.objectSchema, to: &tree)
            let once = tree
            Defaulting.apply(kind.objectSchema, to: &tree)
            #expect(tree == once, "\(kind)")
        }
    }
}
