import ArgumentParser
import Client
import Model
import Text
import Tree

struct WaitCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Waits until objects have a condition, or are gone.",
        discussion: """
            --for=condition=Succeeded, --for=condition=Ready=False, --for=jsonpath='{.status.phase}'=Running, \
            --for=delete, or --for=create. Where an object's condition Failed turns True the wait for another ends at \
            once.

            \(Exit.waits)
            """)

    @Argument(help: ArgumentHelp("KIND/NAME, or a kind and names.", valueName: "what")) var words: [String]
    @Option(name: .customLong("for"), help: ArgumentHelp("What to wait for.", valueName: "condition")) var aim: WaitAim
    @Option(help: ArgumentHelp("How long to wait; 0 waits for ever.", valueName: "span")) var timeout = Span(
        .seconds(30))
    @OptionGroup var space: NamespaceArguments
    @OptionGroup var global: GlobalArguments

    func perform(_ context: Context) async throws -> Exit {
        if case .unknown(let word) = aim {
            throw CommandError(
                .failed, "--for=\(word): there is nothing like that to wait for",
                next:
                    "One of: condition=TYPE[=STATUS], such as condition=Succeeded or condition=Ready=False, "
                    + "jsonpath='{.PATH}'[=VALUE], create, or delete."
            )
        }
        let names = try ObjectNames(words, namespace: context.namespace(space))
        let objects = try await context.objects()
        var keys = names.keys
        if keys.isEmpty {
            for kind in names.kinds {
                let found = try await objects.list(kind, namespace: kind.namespaced ? context.namespace(space) : nil)
                    .items
                keys += found.compactMap { ObjectKey(object: $0) }
            }
            guard !keys.isEmpty || aim == .deletion else { throw CommandError(.failed, "no matching resources found") }
        } else if case .condition(let type, _) = aim {
            for key in keys {
                let object = try await Finder(objects: objects).find(key)
                let types = (object["status"]?["conditions"]?.array ?? []).compactMap { $0["type"]?.string }
                guard !types.isEmpty, !types.contains(where: { $0.lowercased() == type.lowercased() }) else { continue }
                context.warn(
                    "\(key.resourceName) has no condition \"\(type)\" yet; it has: \(types.joined(separator: ", "))")
            }
        }
        try await context.warnOfWaiting()
        let waiter = Waiter(objects: objects, console: context.console, aim: aim)
        return try await waiter.wait(keys, timeout: timeout.duration == .zero ? nil : timeout.duration) { key in
            context.output.line("\(key.resourceName) \(aim.sentence)")
        }
    }
}

/// What a wait is for.
enum WaitAim: ExpressibleByArgument, Sendable, Hashable {
    case deletion
    case creation
    case condition(type: String, status: String)
    /// What a path leads to is that; nil: it leads to something.
    case path(JSONPath, String?)
    /// As it was written.
    case unknown(String)

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        switch parts.first {
        case "delete" where parts.count == 1: self = .deletion
        case "create" where parts.count == 1: self = .creation
        case "condition" where (2...3).contains(parts.count) && !parts[1].isEmpty:
            self = .condition(type: parts[1], status: parts.count == 3 ? parts[2] : "True")
        case "jsonpath": self = Self.path(argument) ?? .unknown(argument)
        default: self = .unknown(argument)
        }
    }

    /// `jsonpath={.status.phase}=Running`, with or without quotes and braces.
    private static func path(_ argument: String) -> WaitAim? {
        var rest = argument.dropFirst("jsonpath=".count)
        if let quote = rest.first, quote == "'" || quote == "\"" {
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: quote) else { return nil }
            rest = rest[..<end] + rest[rest.index(after: end)...]
        }
        let end = rest.first == "{" ? JSONPath.closing(rest, "}").map { rest.index(after: $0) } : nil
        let head = rest[..<(end ?? rest.firstIndex(of: "=") ?? rest.endIndex)]
        let tail = rest[head.endIndex...]
        guard !head.isEmpty, let path = JSONPath(String(head)), tail.isEmpty || tail.first == "=" else { return nil }
        return .path(path, tail.isEmpty ? nil : String(tail.dropFirst()))
    }

    var sentence: String {
        switch self {
        case .deletion: "deleted"
        case .creation, .condition, .path, .unknown: "condition met"
        }
    }
}

/// Waits for objects, and knows when waiting is in vain.
struct Waiter {
    let objects: ObjectClient
    let console: Console
    let aim: WaitAim

    private enum Verdict: Equatable {
        case met
        case open
        case vain(String)
    }

    /// Calls `say` for each object as it gets there.
    func wait(_ keys: [ObjectKey], timeout: Duration?, _ say: (ObjectKey) -> Void) async throws -> Exit {
        guard !keys.isEmpty else { return .done }
        let deadline = timeout.map { console.instant + $0 } ?? .distantFuture
        var left = keys
        let mirror = Mirror(objects, Self.sources(keys))
        let exit: Exit? = try await mirror.follow(until: deadline, every: .seconds(5), console) { snapshot in
            var byKey: [ObjectKey: Tree] = [:]
            for object in snapshot { if let key = ObjectKey(object: object) { byKey[key] = object } }
            for key in left {
                switch verdict(byKey[key]) {
                case .met:
                    say(key)
                    left.removeAll { $0 == key }
                case .vain(let why): throw CommandError(.stuck, "\(key.resourceName) failed: \(why)")
                case .open: break
                }
            }
            return left.isEmpty ? .done : nil
        }
        if let exit { return exit }
        let names = left.prefix(5).map(\.resourceName).joined(separator: ", ")
        throw CommandError(
            .timedOut, "timed out waiting for \(names)\(left.count > 5 ? " and \(left.count - 5) more" : "")",
            next: left.first.map {
                "See: reconcile describe \($0.kind.singular) \($0.name)\($0.namespace.isEmpty ? "" : " -n \($0.namespace)")"
            })
    }

    private static func sources(_ keys: [ObjectKey]) -> [Mirror.Source] {
        var sources: [Mirror.Source] = []
        for key in keys.sorted() {
            let source = Mirror.Source(key.kind, namespace: key.namespace.isEmpty ? nil : key.namespace)
            if !sources.contains(source) { sources.append(source) }
        }
        return sources
    }

    private func verdict(_ object: Tree?) -> Verdict {
        switch aim {
        case .deletion: return object == nil ? .met : .open
        case .creation: return object == nil ? .open : .met
        case .unknown: return .open
        case .path(let path, let value):
            let found = object.map(path.values(in:)) ?? []
            return found.contains { value == nil || CellText.plain($0) == value } ? .met : .open
        case .condition(let type, let status):
            guard let object else { return .open }
            let generation = object["metadata"]?["generation"]?.int ?? 0
            for condition in object["status"]?["conditions"]?.array ?? [] {
                // A condition computed from an older spec says nothing about this one.
                if let observed = condition["observedGeneration"]?.int, observed < generation { continue }
                let name = condition["type"]?.string ?? ""
                let value = condition["status"]?.string ?? ""
                if name.lowercased() == type.lowercased(), value.lowercased() == status.lowercased() { return .met }
                if name == "Failed", value == "True", type.lowercased() != "failed" {
                    let reason = condition["reason"]?.string ?? ""
                    return .vain(
                        [reason, condition["message"]?.string ?? ""].filter { !$0.isEmpty }.joined(separator: ": "))
                }
            }
            return .open
        }
    }
}
