import Apply
import Documents
import Model
import Testing
import Tree

@Suite struct CreateTests {
    private func create(_ document: Tree, _ validation: FieldValidation = .strict, namespace: String? = nil)
        throws -> Admitted
    {
        try Pool.admission.prepareCreate(
            document, namespace: namespace, uid: "u-1", by("kubectl-create", validation))
    }

    @Test func aFirstState() throws {
        let admitted = try create(
            pool("a", ["region": "us-east-1", "replicas": 2], metadata: ["creationTimestamp": .null]))
        #expect(admitted.created && admitted.changed && admitted.warnings.isEmpty)
        #expect(
            admitted.tree["spec"]
                == json(
                    #"{"interval":"30s","maxWorkers":10,"minWorkers":0,"region":"us-east-1","replicas":2,"type":"Local"}"#
                ))
        let metadata = admitted.tree["metadata"]?.with(["managedFields"], Tree?.none)
        #expect(
            metadata
                == [
                    "creationTimestamp": .string(at(0).wholeSeconds.description), "generation": 1,
                    "name": "a",
                    "namespace": "ecommerce", "uid": "u-1",
                ])
        #expect(
            admitted.tree.owners == [
                #"kubectl-create Update {"f:spec":{".":{},"f:interval":{},"f:maxWorkers":{},"f:minWorkers":{},"f:region":{},"f:replicas":{},"f:type":{}}}"#
            ])
    }

    @Test func whatIsTheSystemsIsNotTheUsers() throws {
        let document = pool(
            "a",
            metadata: [
                "uid": "mine", "generation": 9, "deletionTimestamp": "2020-01-01T00:00:00Z",
                "labels": .emptyObject,
            ]
        ).with(["status"], ["replicas": 4])
        let tree = try create(document).tree
        #expect(tree["status"] == nil)
        #expect(tree["metadata"]?["uid"] == "u-1")
        #expect(tree["metadata"]?["generation"] == 1)
        #expect(tree["metadata"]?["deletionTimestamp"] == nil)
        #expect(tree["metadata"]?["labels"] == nil)
    }

    @Test func aGeneratedName() throws {
        let document = pool().with(["metadata"], ["generateName": "g-"])
        let tree = try create(document, namespace: "ecommerce").tree
        let name = try #require(tree["metadata"]?["name"]?.string)
        #expect(name.hasPrefix("g-") && name.utf8.count == 7)
        #expect(tree["metadata"]?["namespace"] == "ecommerce")
        #expect(try create(document).tree["metadata"]?["name"]?.string == name, "the uid alone decides")
        let other = try Pool.admission.prepareCreate(document, uid: "u-2", by(nil)).tree
        #expect(other["metadata"]?["name"]?.string != name)
        #expect(other["metadata"]?["managedFields"] == nil, "no manager, no record")
    }

    @Test func unknownFields() throws {
        let document = pool("b", ["region": "us-east-1", "paralelism": 3])
        let error = refusal { try create(document) }
        #expect(error.code == 400)
        #expect(
            error.status
                == json(
                    #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"WorkerPool in version \"v1alpha1\" cannot be handled as a WorkerPool: strict decoding error: unknown field \"spec.paralelism\"","reason":"BadRequest","code":400}"#
                ))
        let warned = try create(document, .warn)
        #expect(warned.warnings == [#"unknown field "spec.paralelism""#])
        #expect(warned.tree["spec"]?["paralelism"] == nil)
        let ignored = try create(document, .ignore)
        #expect(ignored.warnings.isEmpty && ignored.tree == warned.tree)
    }

    @Test(
        arguments: [
            (
                pool("c", json(#"{"region":"us-east-1","minWorkers":5,"maxWorkers":2}"#)), 422,
                #"WorkerPool.reconcile.dev "c" is invalid: spec: Invalid value: minWorkers must not exceed maxWorkers"#,
                "rule"
            ),
            (
                pool("c", [:]), 422,
                #"WorkerPool.reconcile.dev "c" is invalid: [spec.region: Required value, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]"#,
                "required"
            ),
            (
                pool("A_B"), 422,
                #"WorkerPool.reconcile.dev "A_B" is invalid: metadata.name: Invalid value: "A_B": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#,
                "name"
            ),
            (
                pool().with(["metadata"], [:]), 422,
                #"WorkerPool.reconcile.dev "" is invalid: [metadata.name: Required value: name or generateName is required, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]"#,
                "no name"
            ),
            (
                pool("c").with(["kind"], "Other"), 422,
                #"Other.reconcile.dev "c" is invalid: [kind: Invalid value: "Other": must be WorkerPool, spec: Invalid value: "object": no such key: minWorkers evaluating rule: minWorkers must not exceed maxWorkers]"#,
                "kind"
            ),
            (
                pool("c").with(["apiVersion"], "reconcile.dev/v9"), 400,
                "the API version in the data (reconcile.dev/v9) does not match the expected API version (reconcile.dev/v1alpha1)",
                "version"
            ),
            (
                pool(
                    "ann", metadata: ["annotations": ["a": .string(String(repeating: "x", count: 300_000))]]),
                422,
                #"WorkerPool.reconcile.dev "ann" is invalid: [metadata.annotations: Too long: may not be more than 262144 bytes, <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]"#,
                "annotations"
            ),
            (
                pool("c", metadata: ["resourceVersion": "5"]), 400,
                "resourceVersion should not be set on objects to be created",
                "version on create"
            ),
            (
                pool("c", metadata: ["labels": ["tier": "not good"]]), 422,
                #"WorkerPool.reconcile.dev "c" is invalid: metadata.labels: Invalid value: "not good": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"#,
                "label"
            ),
            (
                pool("c", metadata: ["labels": ["tier": 1]]), 400,
                #"WorkerPool in version "v1alpha1" cannot be handled as a WorkerPool: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string"#,
                "type of a label"
            ),
        ] as [(Tree, Int, String, String)])
    func refused(_ row: (document: Tree, code: Int, message: String, because: String)) {
        let error = refusal { try create(row.document) }
        #expect(error.code == row.code, "\(row.because)")
        #expect(error.message == row.message, "\(row.because)")
    }

    @Test func namespaces() throws {
        let wrong = refusal { try create(pool("c"), namespace: "other") }
        #expect(
            wrong.message
                == "the namespace of the provided object does not match the namespace sent on the request")
        let region: Tree = [
            "apiVersion": "reconcile.dev/v1alpha1", "kind": "Region",
            "metadata": ["name": "r", "namespace": "x"],
            "spec": ["provider": ["local": .emptyObject]],
        ]
        let made = try Admission(.region).prepareCreate(region, uid: "u", by(nil)).tree
        #expect(made["metadata"]?["name"] == "r")
        #expect(made["metadata"]?["namespace"] == nil, "dropped, as a real server does")
    }

    @Test func causesOfAStatus() {
        let error = refusal {
            try create(pool("c", json(#"{"region":"us-east-1","replicas":-1,"type":"Moon"}"#)))
        }
        #expect(
            error.status["details"]
                == json(
                    #"""
                    {"name":"c","group":"reconcile.dev","kind":"WorkerPool","causes":[
                    {"reason":"FieldValueInvalid","message":"Invalid value: -1: spec.replicas in body should be greater than or equal to 0","field":"spec.replicas"},
                    {"reason":"FieldValueNotSupported","message":"Unsupported value: \"Moon\": supported values: \"Local\", \"CloudVM\", \"Container\", \"EdgeDevice\"","field":"spec.type"},
                    {"reason":"FieldValueInvalid","message":"Invalid value: -1: should be a non-negative integer","field":".spec.replicas"},
                    {"reason":"FieldValueInvalid","message":"Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation","field":"<nil>"}]}
                    """#))
    }

    @Test func kubernetesOwnKindsHaveNoGeneration() throws {
        let lease = json(
            #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"},"spec":{"holderIdentity":"a","leaseDurationSeconds":15}}"#
        )
        let tree = try Admission(.lease).prepareCreate(lease, namespace: "ecommerce", uid: "u", by("unknown"))
            .tree
        #expect(tree["metadata"]?["generation"] == nil)
        #expect(
            tree.owners == [
                #"unknown Update {"f:spec":{"f:holderIdentity":{},"f:leaseDurationSeconds":{}}}"#
            ])
        let namespace = json(#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"A.b"}}"#)
        let error = refusal { try Admission(.namespace).prepareCreate(namespace, uid: "u", by(nil)) }
        #expect(
            error.message.hasPrefix(
                #"Namespace "A.b" is invalid: metadata.name: Invalid value: "A.b": a lowercase RFC 1123 label"#
            ))
    }

    @Test func aPlanThatCantRunIsRefused() throws {
        let plan = json(
            #"""
            {"apiVersion":"reconcile.dev/v1alpha1","kind":"ExecutionPlan","metadata":{"name":"p","namespace":"n"},
             "spec":{"tasks":[{"name":"a","run":{"command":["true"]},"dependsOn":["b"]},{"name":"b","run":{"command":["true"]},"dependsOn":["a"]}]}}
            """#)
        let error = refusal { try Admission(.executionPlan).prepareCreate(plan, uid: "u", by(nil)) }
        #expect(error.code == 422)
        #expect(!error.fieldErrors.isEmpty)
        let right = plan.with(["spec", "tasks"], json(#"[{"name":"a","run":{"command":["true"]}}]"#))
        #expect(throws: Never.self) { try Admission(.executionPlan).prepareCreate(right, uid: "u", by(nil)) }
    }
}
