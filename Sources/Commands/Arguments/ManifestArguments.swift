import ArgumentParser
import Text

/// Which manifests a command reads.
struct ManifestArguments: ParsableArguments {
    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp(
            "File or directory of manifests, or - for standard input; may be repeated.", valueName: "path"),
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var filename: [String] = []

    @Flag(name: [.customShort("R"), .long], help: "Go into the directories of a directory too.")
    var recursive = false
}
