import Kernel

/// What a task wrote to `$RECONCILE_OUTPUT`: lines `KEY=VALUE`, the last of a key counts, blank lines and lines that
/// begin with `#` don't. A value is at most 4 KiB, all of them with their keys 32 KiB.
struct OutputFile: Sendable, Hashable {
    struct TooLarge: Error, Hashable {
        let message: String
    }

    static let valueBytes = 4 << 10
    static let allBytes = 32 << 10
    /// What is read at all: room for comments and for values that are overwritten.
    private static let fileBytes = 256 << 10

    var values: [String: String] = [:]
    /// Which lines were left out.
    var note: String?

    static func read(_ path: String) -> Result<OutputFile, TooLarge> {
        do throws(SystemError) {
            return parse(try Files.readForeign(path, limit: fileBytes) ?? [])
        } catch {
            return .failure(TooLarge(message: "the file behind $RECONCILE_OUTPUT can't be read back (\(error.reason))"))
        }
    }

    static func parse(_ bytes: [UInt8]) -> Result<OutputFile, TooLarge> {
        var file = OutputFile()
        for (index, raw) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")), isKey(line[..<equals]),
                let key = String(validating: line[..<equals], as: UTF8.self),
                let value = String(validating: line[(equals + 1)...], as: UTF8.self)
            else {
                file.note = file.note ?? "line \(index + 1) of $RECONCILE_OUTPUT is not KEY=VALUE and was left out"
                continue
            }
            guard value.utf8.count <= valueBytes else {
                return .failure(
                    TooLarge(
                        message:
                            "output \(key) has \(value.utf8.count) bytes, \(valueBytes) are allowed; pass a reference instead"
                    ))
            }
            file.values[key] = value
        }
        let total = file.values.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard total <= allBytes else {
            return .failure(
                TooLarge(
                    message:
                        "the outputs have \(total) bytes together, \(allBytes) are allowed; pass references instead"))
        }
        return .success(file)
    }

    private static func isKey(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.count <= 253 else { return false }
        return (first == UInt8(ascii: "_") || isAlphanumeric(first) && !(0x30...0x39).contains(first))
            && bytes.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }
}
