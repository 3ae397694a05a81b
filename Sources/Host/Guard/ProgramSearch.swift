import Glibc
import Kernel

/// Finds the program of a task as a shell would, in the `PATH` of the task and not in ours.
enum ProgramSearch {
    struct NotFound: Error {
        let message: String
    }

    /// A path that can be run. Names with a slash are taken from the working directory.
    /// `place`: where it is looked for, for errors.
    static func path(
        of name: String, environment: [String], workingDirectory: String, place: String
    ) throws(NotFound) -> String {
        if name.isEmpty { throw NotFound(message: "the command is empty; give a program to run") }
        if name.contains("/") {
            let path = name.hasPrefix("/") ? name : "\(workingDirectory)/\(name)"
            if isProgram(path) { return path }
            throw NotFound(
                message: "\(path) \(Files.exists(path) ? "is not an executable file" : "does not exist \(place)")"
            )
        }
        let search = environment.last { $0.hasPrefix("PATH=") }.map { String($0.dropFirst(5)) } ?? ""
        for directory in search.split(separator: ":") where isProgram("\(directory)/\(name)") {
            return "\(directory)/\(name)"
        }
        throw NotFound(
            message:
                "the program \"\(name)\" was not found \(place) (PATH is \"\(search)\"); install it or give its path"
        )
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
