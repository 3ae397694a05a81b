import Kernel
import Testing

@testable import reconcile

/// An option that is accepted does something.
struct OptionsTests {
    private static let root: String = {
        let parts = Session.directory.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(2).joined(separator: "/")
    }()

    private static func text(_ path: String) throws -> String {
        String(decoding: try #require(try Files.read("\(root)/\(path)", limit: 4 << 20)), as: UTF8.self)
    }

    private static func sources(_ directory: String) throws -> [(path: String, text: String)] {
        try Files.names(in: "\(root)/\(directory)").flatMap { name -> [(path: String, text: String)] in
            let path = "\(directory)/\(name)"
            return name.hasSuffix(".swift") ? [(path, try text(path))] : name.contains(".") ? [] : try sources(path)
        }
    }

    private static func mentions(of name: String, in text: String) -> Int {
        text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.count { $0 == name }
    }

    /// Options, flags and arguments are read where they are declared, or where their group is used.
    @Test func everyOptionOfEveryVerbIsRead() throws {
        let all = try Self.sources("Sources/Commands").map(\.text).joined()
        var seen = 0
        for (path, text) in try Self.sources("Sources/Commands") {
            for declaration in text.matches(of: /@(?:Option|Flag|Argument)\b[\s\S]*?\bvar\s+(\w+)/) {
                let name = String(declaration.output.1)
                seen += 1
                let isGroup = path.hasPrefix("Sources/Commands/Arguments/") || path.hasSuffix("EgressArguments.swift")
                let count = Self.mentions(of: name, in: isGroup ? all : text)
                #expect(count > 1, "\(path): nobody reads `\(name)`")
            }
        }
        #expect(seen > 60)
    }

    /// What the verbs hand to the program is read there.
    @Test func everyOptionThatIsHandedOnIsRead() throws {
        let runtime = try Self.text("Sources/Commands/Runtime.swift")
        let program = try Self.sources("Sources/reconcile").map(\.text).joined()
        for group in ["ServeOptions", "OnceOptions", "PlanOptions", "SweepOptions"] {
            let start = try #require(runtime.firstRange(of: "package struct \(group)"))
            let body = runtime[start.upperBound...].prefix { $0 != "}" }
            for field in String(body).matches(of: /package var (\w+)/) {
                let name = String(field.output.1)
                #expect(Self.mentions(of: name, in: program) > 0, "\(group).\(name)")
            }
        }
    }
}
