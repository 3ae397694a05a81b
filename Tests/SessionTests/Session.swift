import Kernel
import Testing

/// A script of commands with the output that each must give; `Tests/Sessions/README.md` says how one is written.
struct Session: Sendable {
    struct Command: Sendable {
        let line: String
        /// As it is written: output indented by two blanks, errors behind `! `, a code other than 0 behind `? `.
        var expected: [String]
    }

    enum Step: Sendable {
        /// A line that is only for readers.
        case remark(String)
        case file(name: String, text: String)
        case setting([String])
        case command(Command)
    }

    let name: String
    var steps: [Step] = []

    static let directory: String = {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return here.dropLast(2).joined(separator: "/") + "/Sessions"
    }()

    /// What `EXAMPLES` stands for in commands.
    static let examples: String = {
        let parts = directory.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(2).joined(separator: "/") + "/manifests/examples"
    }()

    static let names: [String] = {
        let files = (try? Files.names(in: directory)) ?? []
        return files.filter { $0.hasSuffix(".session") }.map { String($0.dropLast(".session".count)) }
    }()

    var path: String { "\(Self.directory)/\(name).session" }

    /// Whether it can be run in this process: no workers, no shell, nothing that goes on behind.
    var isSmall: Bool { !settings.contains(["program"]) }
    /// Whether blanks count only as blanks: where times of any length stand in tables.
    var isLoose: Bool { settings.contains(["loose"]) }

    /// Whether it was ever written down what its commands give.
    var isRecorded: Bool {
        steps.contains { if case .command(let command) = $0 { !command.expected.isEmpty } else { false } }
    }

    private var settings: [[String]] {
        steps.compactMap { if case .setting(let words) = $0 { words } else { nil } }
    }

    init(_ name: String) throws {
        self.name = name
        let bytes = try #require(try Files.read("\(Self.directory)/\(name).session", limit: 1 << 20))
        read(
            String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
                String.init))
    }

    private mutating func read(_ lines: [String]) {
        var index = 0
        /// The lines up to the next that begins a step, without empty ones at their end.
        func block() -> [String] {
            var found: [String] = []
            while index < lines.count, !["$", ">", "@", "#"].contains(lines[index].first.map(String.init)) {
                found.append(lines[index])
                index += 1
            }
            while found.last == "" { found.removeLast() }
            return found
        }
        while index < lines.count {
            let line = lines[index]
            index += 1
            let rest = String(line.dropFirst(2))
            switch line.first {
            case "$": steps.append(.command(Command(line: rest, expected: block())))
            case ">": steps.append(.file(name: rest, text: block().map { $0.dropFirst(2) + "\n" }.joined()))
            case "@": steps.append(.setting(rest.split(separator: " ").map(String.init)))
            case "#": steps.append(.remark(line))
            default: break
            }
        }
    }

    /// As a file of sessions.
    var text: String {
        var text = ""
        var last = ""
        for (index, step) in steps.enumerated() {
            let kind = String(describing: step).prefix { $0 != "(" }
            // A remark stands over its command; the first is about the whole session.
            let isUnderItsRemark = last == "remark" && kind == "command" && index > 1
            if !text.isEmpty, !isUnderItsRemark, kind == "command" || kind == "file" || kind != last { text += "\n" }
            last = String(kind)
            switch step {
            case .remark(let line): text += line + "\n"
            case .setting(let words): text += "@ \(words.joined(separator: " "))\n"
            case .file(let name, let content):
                text += "> \(name)\n"
                for line in content.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                    text += "| \(line)".trimmedAtEnd + "\n"
                }
            case .command(let command):
                text += "$ \(command.line)\n"
                for line in command.expected { text += line.trimmedAtEnd + "\n" }
            }
        }
        return text
    }
}

extension String {
    var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
