import Testing

@testable import HTTP

@Suite("Headers")
struct HTTPHeadersTests {
    @Test("names compare without case; order and repetition stay")
    func fields() {
        var headers: HTTPHeaders = ["Accept": "a", "X": "1"]
        headers.add("x", "2")
        #expect(headers["ACCEPT"] == "a")
        #expect(headers.values("X") == ["1", "2"])
        headers["x"] = "3"
        #expect(headers.fields.map(\.name) == ["Accept", "x"])
        headers["Accept"] = nil
        #expect(headers == ["x": "3"])
        #expect(!HTTPHeaders.sameName("@", "`"), "only letters have a case")
    }
}
