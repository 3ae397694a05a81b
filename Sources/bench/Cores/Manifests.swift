import Apply
import CYAML
import Documents
import Kernel
import Model
import Tree

/// From the text of manifests to objects that could be stored: parsed, screened, defaulted, validated. Beside it
/// libyaml alone, its events made and thrown away, over the same bytes.
enum Manifests {
    private static let example = "manifests/examples/ecommerce"
    private static let megabytes = 4
    private static let rounds = 3

    static func measure(_ workshop: Workshop) throws -> [Row] {
        let bytes = try repeated()
        let size = Double(bytes.count) / 1e6
        let floor = size / (try Stopwatch.best(of: rounds) { try Stopwatch.cpu { try events(of: bytes) }.seconds })
        let whole = size / (try Stopwatch.best(of: rounds) { try Stopwatch.cpu { try objects(of: bytes) }.seconds })
        let parsed =
            size / (try Stopwatch.best(of: rounds) { try Stopwatch.cpu { try YAML.parse(bytes).count }.seconds })
        return [
            Row(
                name: "YAML to validated objects", value: whole, unit: .megabytesPerSecond, gate: 50, goal: 150,
                beside: "libyaml's events alone \(short(floor)) MB/s; to trees \(short(parsed)) MB/s")
        ]
    }

    /// The e-commerce example over and over.
    private static func repeated() throws -> [UInt8] {
        let names = try Files.names(in: example).filter { $0.hasSuffix(".yaml") }
        guard !names.isEmpty else { throw Unmeasurable("no manifests in \(example): run it at the top of the project") }
        var once: [UInt8] = []
        for name in names {
            once += try Files.read("\(example)/\(name)", limit: 1 << 20) ?? []
            once += Array("\n---\n".utf8)
        }
        var all: [UInt8] = []
        while all.count < megabytes * 1_000_000 { all += once }
        return all
    }

    private static func objects(of bytes: [UInt8]) throws -> Int {
        let context = WriteContext(now: Timestamp(milliseconds: 0))
        let kinds = Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0.rawValue, Admission($0)) })
        var count = 0
        for document in try YAML.parse(bytes) {
            guard let admission = kinds[document.tree["kind"]?.string ?? ""] else {
                throw Unmeasurable("a document of \(example) has no kind that is known")
            }
            _ = try admission.prepareCreate(document.tree, uid: "made-\(count)", context)
            count += 1
        }
        return count
    }

    private static func events(of bytes: [UInt8]) throws -> Int {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw Unmeasurable("libyaml has no memory") }
        defer { yaml_parser_delete(&parser) }
        return try bytes.withUnsafeBufferPointer { text in
            yaml_parser_set_input_string(&parser, text.baseAddress, text.count)
            var event = yaml_event_t()
            var count = 0
            while true {
                guard yaml_parser_parse(&parser, &event) == 1 else {
                    throw Unmeasurable("libyaml refuses the manifests")
                }
                let isEnd = event.type == YAML_STREAM_END_EVENT
                yaml_event_delete(&event)
                count += 1
                if isEnd { return count }
            }
        }
    }
}
