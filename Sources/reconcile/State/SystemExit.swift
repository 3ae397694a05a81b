import Glibc
import Text

/// The ends of this process that nothing may delay.
enum SystemExit {
    /// Without what libraries have registered for the end: OpenSSL's would free what the HTTP thread still uses.
    static func now(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }
}

/// Where text for people who watch goes; data goes to standard output.
struct StandardError {
    static func line(_ text: Encoded<Terminal>) {
        var bytes = Array("\(text.text)\n".utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
