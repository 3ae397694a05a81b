import Documents
import Testing
import Tree

/// Mutated inputs from fixed seeds: every one is a value or an error, and a value can be printed and read
/// again.
@Suite struct MutationTests {
    static let originals: [String] = [
        PositionsTests.manifest,
        "a: &a [1, 2.5, 0x1F, ~]\nb: *a\nc: |2-\n    x\n   y\nd: >+\n  f\n\n\"e\\u00e9\": 'it''s'\n"
            + "? k\n: !!str 10\n...\n---\n- - {a: b}\n",
        "%YAML 1.1\n%TAG !t! tag:yaml.org,2002:\n---\n!t!map {a: !t!int '1'}\n--- |\n text\n# end\n",
        #"{"a": [1, -2.5e3, true, false, null, "\u00e9\ud83d\ude00\n\"", {"b": {}}], "longer than eight": "日本語 text"}"#,
    ]

    private static let pieces: [[UInt8]] =
        [
            "---\n", "...\n", "&a ", "*a", "!!int ", "<<: ", "? ", ": ", "- ", "|\n", ">-\n", "\"", "'", "\\",
            "\\u", "[", "]", "{", "}", ",", "\t", "\n",
            "\r", "#", "%TAG ! x\n", "é", "\u{2028}", "\u{85}", "\u{FEFF}", "0x", "1e999", ".inf", "null",
            "    ",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x80]]

    @Test(arguments: 0..<8) func neitherCrashesNorLies(_ seed: Int) throws {
        var random = Seeded(1000 + UInt64(seed))
        for round in 0..<1500 {
            let bytes = Self.mutant(&random)
            let comment: Comment = "seed \(seed), round \(round)"
            if let documents = try? YAML.parse(bytes) {
                for document in documents {
                    let again = try YAML.parse(YAML.emit(document.tree), limits: .answer)
                    #expect(again.map { JSON.encode($0.tree) } == [JSON.encode(document.tree)], comment)
                    #expect(
                        Positions.locate(FieldPath(), in: bytes, document: document.index) != nil, comment)
                }
            }
            if let tree = try? JSON.parse(bytes) {
                #expect(try JSON.parse(JSON.encode(tree), limits: .answer) == tree, comment)
            }
            if let error = fault({ () throws(DocumentError) in try Documents.parse(bytes) }) {
                #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty, comment)
                #expect(error.line <= bytes.count + 1, comment)
            }
        }
    }

    private static func mutant(_ random: inout Seeded) -> [UInt8] {
        var bytes = Array(originals.randomElement(using: &random)!.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0..<12, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.insert(contentsOf: pieces.randomElement(using: &random)!, at: place)
            case 1: bytes.replaceSubrange(place..<end, with: pieces.randomElement(using: &random)!)
            case 2: bytes.removeSubrange(place..<end)
            case 3:
                bytes.insert(
                    contentsOf: Array(bytes[place..<end]), at: Int.random(in: 0...bytes.count, using: &random)
                )
            case 4: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
