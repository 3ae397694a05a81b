/// Takes out of a transcript what differs from run to run: places, times, numbers of processes and ports, identifiers.
struct Normaliser {
    let directory: String
    let state: String
    let isLoose: Bool

    func lines(of text: String) -> [String] {
        var lines = plain(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines.map(\.trimmedAtEnd)
    }

    private func plain(_ text: String) -> String {
        var text = text.replacing("\r\n", with: "\n").replacing(" --state \(state)", with: "")
        text = text.replacing(Session.examples, with: "EXAMPLES")
        text = text.replacing(state, with: "STATE").replacing(directory + "/", with: "").replacing(
            directory, with: "DIR")
        text = text.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "UID")
        text = text.replacing(/(?m)\b[0-9a-f]{8}-\d+$/, with: "EXECUTION")
        text = text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, with: "TIME")
        text = text.replacing(/\d\d:\d\d:\d\d/, with: "CLOCK")
        text = text.replacing(/process:[0-9a-z\/-]+/, with: "process:ID")
        text = text.replacing(/process \d+/, with: "process PID")
        text = text.replacing(/127\.0\.0\.1:\d{2,5}/, with: "127.0.0.1:PORT")
        text = text.replacing(/resourceVersion: "\d+"/, with: "resourceVersion: VERSION")
        // What was made by the session itself is young, what its objects say of former times is of 2020.
        text = text.replacing(/\d{4}d\b/, with: "AGESd")
        text = text.replacing(/\(\d+s ago\)/, with: "(AGE ago)")
        text = text.replacing(/(?m)   \d+s$/, with: "   AGE")
        guard isLoose else { return text }
        text = text.replacing(/\b(\d+h)?(\d+m)?\d+(\.\d+)?m?s\b/, with: "SPAN")
        text = text.replacing(/<?\$\d+\.\d+/, with: "MONEY")
        return text.replacing(/\ {2,}/, with: "  ")
    }
}
