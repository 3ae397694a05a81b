import Tree

/// Reads what users hand in without being told the format.
package enum Documents {
    /// JSON if the text begins with `{` or `[`, else YAML. Text that begins so and is not JSON may still be
    /// YAML (flow style, or several JSON documents between `---` lines), unless its name ends in `.json`.
    package static func parse(
        _ bytes: [UInt8], source: SourceName = "", limits: Limits = .manifest
    ) throws(DocumentError) -> [Document] {
        guard looksLikeJSON(bytes) else { return try YAML.parse(bytes, source: source, limits: limits) }
        do {
            let tree = try JSON.parse(bytes, source: source, limits: limits)
            return [Document(tree: tree, source: source, index: 0, line: line(ofFirstValueIn: bytes))]
        } catch {
            if error.code != .syntax || source.name.hasSuffix(".json") { throw error }
            return try parseAsYAML(bytes, source: source, limits: limits, jsonError: error)
        }
    }

    static func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        guard let first = firstValue(in: bytes) else { return false }
        return bytes[first] == Ascii.openBrace || bytes[first] == Ascii.openBracket
    }

    /// The error of the parser that came further is the more likely one to help.
    private static func parseAsYAML(
        _ bytes: [UInt8], source: SourceName, limits: Limits, jsonError: DocumentError
    ) throws(DocumentError) -> [Document] {
        do {
            return try YAML.parse(bytes, source: source, limits: limits)
        } catch {
            if error.code == .syntax && error.position <= jsonError.position { throw jsonError }
            throw error
        }
    }

    private static func firstValue(in bytes: [UInt8]) -> Int? {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        return bytes[start...].firstIndex {
            $0 != Ascii.space && $0 != Ascii.newline && $0 != Ascii.carriageReturn && $0 != Ascii.tab
        }
    }

    private static func line(ofFirstValueIn bytes: [UInt8]) -> Int {
        bytes.withUnsafeBufferPointer { Position(of: firstValue(in: bytes) ?? 0, in: $0).line }
    }
}
