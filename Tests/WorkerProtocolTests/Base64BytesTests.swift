import Model
import Testing
import Tree
import WorkerProtocol

@Suite struct Base64BytesTests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func theStandardsOwnVectors(plain: String, coded: String) throws {
        #expect(Base64Bytes(Array(plain.utf8)).tree == .string(coded))
        #expect(try Base64Bytes(tree: .string(coded)).bytes == Array(plain.utf8))
    }

    @Test(arguments: [
        ("Zg", "padding is missing"), ("Zg=", "padding is too short"), ("Z===", "padding is too long"),
        ("Zh==", "left-over bits are set"),
        ("Zm9=", "left-over bits are set"), ("Zm-v", "that is the alphabet for URLs"),
        ("Z=g=", "padding stands within"),
        ("Zm 9", "spaces are no letters"), ("Zg==Zg==", "padding stands within"), ("é===", "not ASCII"),
    ])
    func anythingElseIsRefused(coded: String, because: String) {
        #expect(throws: DecodingIssue.self, "\(because)") { try Base64Bytes(tree: .string(coded)) }
    }

    @Test func everyByteComesBack() throws {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            #expect(try Base64Bytes(tree: Base64Bytes(bytes).tree).bytes == bytes)
        }
    }
}
