import APIServer
import Testing
import Tree

/// Options in queries and bodies mean what they mean to a real API server, and nothing happens by mistake.
@Suite struct RequestOptionsTests {
    private static let merge = "application/merge-patch+json"

    private func stocked() async throws -> Desk {
        let desk = try Desk()
        for (name, labels) in [("a", #"{"drop":""}"#), ("b", #"{"drop":"x"}"#), ("c", "{}")] {
            _ = await desk.say(.post, maps, "{\"metadata\":{\"name\":\"\(name)\",\"labels\":\(labels)}}")
        }
        return desk
    }

    private func names(_ desk: Desk, _ selector: String) async -> (Int, [String]) {
        let answer = await desk.send(.get, maps, query: ["labelSelector": selector])
        return (answer.status, (answer.tree["items"]?.array ?? []).compactMap { $0["metadata"]?["name"]?.string })
    }

    private static let selectors: [(String, [String])] = [
        ("drop=", ["a"]), ("drop==", ["a"]), ("drop", ["a", "b"]), ("!drop", ["c"]), ("drop!=", ["b", "c"]),
        ("drop in(x)", ["b"]), ("drop in ()", ["a"]), ("drop notin ()", ["b", "c"]), ("drop in (,x)", ["a", "b"]),
        ("drop>1", []), (" drop = x ", ["b"]), ("drop notin (x)", ["a", "c"]),
    ]

    @Test(arguments: selectors) func selectsLabels(_ selector: String, _ wanted: [String]) async throws {
        let desk = try await stocked()
        let found = await names(desk, selector)
        #expect(found.0 == 200 && found.1 == wanted)
    }

    @Test(arguments: ["a,", "a=b,", "a=b=c", "=x", "a in x", "a b", "(", "a>x", "a=-"])
    func refusesWhatIsNoSelector(_ selector: String) async throws {
        #expect(try await names(Desk(), selector).0 == 400)
    }

    @Test(arguments: ["metadata.name=a=b", " metadata.name=a", "metadata.name", "bogus=1", #"metadata.name=\x"#])
    func refusesWhatIsNoFieldSelector(_ selector: String) async throws {
        #expect(try await Desk().send(.get, maps, query: ["fieldSelector": selector]).status == 400)
    }

    @Test func aDeletionBySelectorSparesWhatHasNoSuchLabel() async throws {
        let desk = try await stocked()
        _ = await desk.send(.delete, maps, query: ["labelSelector": "drop="])
        #expect(await names(desk, "").1 == ["b", "c"])
    }

    @Test(arguments: ["all", "true", "", "x"]) func aRehearsalInAnotherWordIsRefused(_ word: String) async throws {
        let desk = try await stocked()
        let before = try await desk.dump()
        let dry = ["dryRun": word]
        let body = #"{"metadata":{"name":"a"},"data":{"k":"1"}}"#
        #expect(await desk.say(.delete, maps + "/a", "", query: dry).status == 422)
        #expect(await desk.say(.delete, maps, "", query: dry).status == 422)
        #expect(await desk.say(.post, maps, body, query: dry).status == 422)
        #expect(await desk.say(.put, maps + "/a", body, query: dry).status == 422)
        #expect(await desk.say(.patch, maps + "/a", body, query: dry, type: Self.merge).status == 422)
        #expect(try await desk.dump() == before)
    }

    private static let bodies: [(String, Int)] = [
        (#"{"dryRun":"All"}"#, 400), (#"{"dryRun":["x"]}"#, 422), (#"{"preconditions":{"uid":1}}"#, 400),
        (#"{"gracePeriodSeconds":"x"}"#, 400), (#"{"kind":"Pod","apiVersion":"v1"}"#, 400), ("1", 400), (#""x""#, 400),
        (#"{"orphanDependents":true,"propagationPolicy":"Background"}"#, 422), (#"{"propagationPolicy":"x"}"#, 422),
        (#"{"preconditions":{"uid":"other"}}"#, 409), (#"{"dryRun":["All"]}"#, 200),
    ]

    @Test(arguments: bodies) func theBodyOfADeletionIsRead(_ body: String, _ status: Int) async throws {
        let desk = try await stocked()
        let before = try await desk.dump()
        #expect(await desk.say(.delete, maps + "/a", body).status == status)
        #expect(try await desk.dump() == before)
    }

    @Test func aDeletionInYAMLOrProtobufIsRead() async throws {
        let desk = try await stocked()
        #expect(
            await desk.say(.delete, maps + "/a", "propagationPolicy: Background", type: "application/yaml").status
                == 200)
        // runtime.Unknown of a meta/v1 DeleteOptions with policy Background.
        let options = [UInt8]([0x22, 0x0A]) + Array("Background".utf8)
        let type = [UInt8]([0x0A, 0x02]) + Array("v1".utf8) + [0x12, 0x0D] + Array("DeleteOptions".utf8)
        let body = Array("k8s".utf8) + [0, 0x0A, UInt8(type.count)] + type + [0x12, UInt8(options.count)] + options
        let request = APIRequest(
            .delete, maps + "/b", contentType: "application/vnd.kubernetes.protobuf", body: body)
        #expect(await desk.answer(request).status == 200)
        #expect(await names(desk, "").1 == ["c"])
    }

    private static let far: [(APIRequest.Method, String, Int)] = [
        (.delete, pools + "/web/status", 405), (.delete, pools + "/web/scale", 405), (.delete, maps + "/a/scale", 404),
        (.delete, "/api/v1/configmaps", 405), (.delete, "/api/v1/namespaces", 405), (.put, maps, 405),
        (.get, maps + "/a/foo", 404), (.get, "/api/v1/namespaces/shop/pods", 404), (.post, pools + "/web/status", 405),
        (.delete, "/api/v1/namespaces/default", 403), (.delete, "/apis/reconcile.dev/v1alpha1/workerpools", 404),
    ]

    @Test(arguments: far) func nothingReachesFurtherThanItsPath(
        _ method: APIRequest.Method, _ path: String, _ status: Int
    ) async throws {
        let desk = try await stocked()
        _ = await desk.send(.post, pools, pool("web"))
        let before = try await desk.dump()
        #expect(await desk.say(method, path, "", query: ["dryRun": "All"]).status == status)
        #expect(await desk.say(method, path, "").status == status)
        #expect(try await desk.dump() == before)
    }

    @Test func aCollectionIsDeletedPageByPage() async throws {
        let desk = try await stocked()
        _ = await desk.send(.delete, maps, query: ["limit": "1"])
        #expect(await names(desk, "").1 == ["b", "c"])
    }

    @Test func wordsThatAreNoneAreRefused() async throws {
        let desk = try await stocked()
        for word in ["strict", "Foo", "true"] {
            #expect(await desk.say(.post, maps, "{}", query: ["fieldValidation": word]).status == 422)
        }
        for manager in [String(repeating: "m", count: 129), "a\nb"] {
            #expect(
                await desk.say(.patch, maps + "/a", "{}", query: ["fieldManager": manager], type: Self.merge).status
                    == 422)
        }
        #expect(await desk.say(.patch, maps + "/a", "{}", query: ["force": "true"], type: Self.merge).status == 422)
        #expect(await desk.send(.get, maps, query: ["sendInitialEvents": "true"]).status == 422)
        #expect(await desk.send(.get, maps, query: ["timeoutSeconds": "x"]).status == 400)
        #expect(await desk.send(.get, maps, query: ["limit": "-1"]).status == 200)
    }

    @Test(arguments: [
        #"{"data":{"a":NaN}}"#, "{'a': 1}", #"{"metadata":{"name":"z"},}"#, "a: b", "--- \n{}", #"{"a":1} # c"#,
    ])
    func whatOnlyYAMLReadsIsNoJSON(_ body: String) async throws {
        #expect(try await Desk().say(.post, maps, body).status == 400)
    }

    @Test func anEmptyManagerIsTheProgram() async throws {
        let desk = try Desk()
        let body = Array(#"{"metadata":{"name":"z"},"data":{"a":"1"}}"#.utf8)
        let request = APIRequest(.post, maps, query: ["fieldManager": ""], body: body, agent: "kubectl/v1.33")
        #expect(await desk.answer(request).tree["metadata"]?["managedFields"]?[0]?["manager"] == "kubectl")
    }

    @Test(arguments: ["True", "1", "", "yes"]) func whateverIsNotFalseIsTrue(_ word: String) async throws {
        let desk = try await stocked()
        let lines = await desk.lines(maps, ["watch": word], count: 3)
        #expect(lines.count == 3)
    }

    @Test func aListIsOfTheVersionAskedFor() async throws {
        let desk = try await stocked()
        let version = await desk.send(.get, maps).tree["metadata"]?["resourceVersion"]?.string ?? ""
        _ = await desk.send(.delete, maps + "/a")
        let query = ["resourceVersion": version, "resourceVersionMatch": "Exact"]
        let list = await desk.send(.get, maps, query: query).tree
        #expect(list["items"]?.array?.count == 3)
        #expect(list["metadata"]?["resourceVersion"]?.string == version)
    }

    @Test func aBlindWriteIsRefusedWhereItWouldTakeALease() async throws {
        let desk = try Desk()
        let lease = #"{"metadata":{"name":"l"},"spec":{"holderIdentity":"a"}}"#
        #expect(await desk.say(.put, leases + "/l", lease).status == 201, "a PUT makes a Lease")
        #expect(await desk.say(.put, leases + "/l", lease).status == 422)
        _ = await desk.send(.post, pools, pool("web"))
        let blind = #"{"metadata":{"resourceVersion":""}}"#
        #expect(await desk.say(.patch, pools + "/web", blind, type: Self.merge).status == 422)
    }
}
