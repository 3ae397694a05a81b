/// Takes out of a transcript what differs from run to run: places, times, numbers of processes and ports, identifiers.
struct Normaliser {
    let directory: String
    let state: String
    let isLoose: Bool

    func lines(of text: String) -> [String] {
        var lines = placeless(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        return lines.map { line in
            // All that is taken out has digits, and most lines have none.
            let plain = line.utf8.contains { (0x30...0x39).contains($0) } ? timeless(line) : line
            return (isLoose ? Self.narrow(plain) : plain).trimmedAtEnd
        }
    }

    private func placeless(_ text: String) -> String {
        let text = text.replacing("\r\n", with: "\n").replacing(" --state \(state)", with: "").replacing(
            Session.examples, with: "EXAMPLES")
        return text.replacing(state, with: "STATE").replacing(directory + "/", with: "").replacing(
            directory, with: "DIR")
    }

    private func timeless(_ line: String) -> String {
        var text = line.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "UID")
        text = text.replacing(/\b[0-9a-f]{8}-\d+$/, with: "EXECUTION")
        text = text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/, with: "TIME")
        text = text.replacing(/\d\d:\d\d:\d\d/, with: "CLOCK")
        text = text.replacing(/process:[0-9a-z\/-]+/, with: "process:ID")
        text = text.replacing(/process \d+/, with: "process PID")
        text = text.replacing(/this user \(id \d+\)/, with: "this user (id UID)")
        text = text.replacing(/127\.0\.0\.1:\d{2,5}/, with: "127.0.0.1:PORT")
        text = text.replacing(/resourceVersion: "\d+"/, with: "resourceVersion: VERSION")
        text = text.replacing(/\(\d+s ago\)/, with: "(AGE ago)")
        guard isLoose else {
            // An age takes three columns at least, with its header.
            text = text.replacing(/\ {3}\d+s$/, with: "   AGE")
            return text.replacing(/\ {3}\d+s\ {3,4}(?=\S)/, with: "   AGE   ")
        }
        text = text.replacing(/\b(\d+h)?(\d+m)?\d+(\.\d+)?m?s\b/, with: "SPAN")
        return text.replacing(/<?\$\d+\.\d+/, with: "MONEY")
    }

    /// Two blanks for any number of more.
    private static func narrow(_ line: String) -> String {
        var narrow = ""
        var blanks = 0
        for character in line {
            blanks = character == " " ? blanks + 1 : 0
            if blanks <= 2 { narrow.append(character) }
        }
        return narrow
    }
}
