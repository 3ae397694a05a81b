import Documents
import Testing
import Tree

/// The one document of a text.
func yaml(_ text: String, limits: Limits = .manifest, sourceLocation: SourceLocation = #_sourceLocation)
    throws -> Tree
{
    let documents = try YAML.parse(text, source: "test.yaml", limits: limits)
    try #require(documents.count == 1, sourceLocation: sourceLocation)
    return documents[0].tree
}

func fault(_ body: () throws(DocumentError) -> some Any) -> DocumentError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error
    }
}

/// A refused input: what refuses it, where, and why that is right.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let code: DocumentError.Code
    let line: Int
    let column: Int
    let because: String

    init(_ text: String, _ code: DocumentError.Code, _ line: Int, _ column: Int, _ because: String) {
        self.text = text
        self.code = code
        self.line = line
        self.column = column
        self.because = because
    }

    var testDescription: String { because }

    func check(_ error: DocumentError?, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            error?.code == code, "\(because): \(String(describing: error))", sourceLocation: sourceLocation)
        #expect(
            error?.position == Position(line: line, column: column),
            "\(because): \(String(describing: error))",
            sourceLocation: sourceLocation)
        #expect(error?.message.isEmpty == false, sourceLocation: sourceLocation)
    }
}
