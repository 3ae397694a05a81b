import Documents
import Host
import Logging
import Model
import Text
import Tree

/// The controller's own log on standard error: text for people, JSON lines in a cluster.
enum LogFormat {
    static func make(json: Bool, verbosity: Int) -> Logger {
        var logger = Logger(label: "reconcile") { _ in json ? JSONLog() as any LogHandler : TextLog() }
        logger.logLevel = verbosity < 0 ? .error : verbosity == 0 ? .info : .debug
        return logger
    }
}

/// `18:04:05 INFO  message key=value`.
private struct TextLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = SystemClock().now.wall.description.dropFirst(11).prefix(8)
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let values = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        StandardError.line("\(time) \(event.level.rawValue.uppercased()) \(event.message)\(values)")
    }
}

/// One object a line.
private struct JSONLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        var line: Tree = [
            "time": .string(SystemClock().now.wall.description), "level": .string(event.level.rawValue),
            "msg": .string("\(event.message)"),
        ]
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line[key] = .string("\(value)") }
        // JSON has its own way to write ends of lines; what else acts is made visible in it.
        StandardError.line("\(JSON.text(line))")
    }
}
