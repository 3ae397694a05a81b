import FoundationEssentials
import Model
import Testing

/// The page that names the writer of every field of every status, held to the schema.
@Suite struct DecisionsPageTests {
    private func rows() throws -> [(kind: String, fields: [String], writer: String)] {
        let root = #filePath.split(separator: "/Tests/")[0]
        let page = "\(root)/Sources/reconcile/Documentation.docc/Decisions.md"
        let text = String(decoding: try Data(contentsOf: URL(filePath: page)), as: UTF8.self)
        let table = text.split(separator: "## Writers")[1].split(separator: "\n## ")[0]
        return table.split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.split(separator: " ").map(String.init) }
            guard line.hasPrefix("| "), cells.count == 3, Kind(rawValue: cells[0].joined()) != nil else { return nil }
            return (cells[0].joined(), cells[1].map { $0.filter { $0 != "`" } }, cells[2].joined(separator: " "))
        }
    }

    @Test(arguments: Kind.own)
    func everyFieldOfEveryStatusHasItsWriter(_ kind: Kind) throws {
        let named = try rows().filter { $0.kind == kind.rawValue }
        let schema = kind.schema.properties.first { $0.name == "status" }?.schema
        let fields = (schema?.properties.map(\.name) ?? []).sorted()
        #expect(!fields.isEmpty)
        #expect(named.flatMap(\.fields).sorted() == fields, "of \(kind.rawValue)")
        let two = named.filter { $0.writer.contains(",") }
        #expect(kind == .task ? two.count == 1 : two.isEmpty, "two write a task alone")
    }
}
