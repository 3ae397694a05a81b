import Glibc

/// A CA and the certificates it signed, made by the openssl program: `ca`, `server` (for 127.0.0.1 and
/// worker.test), `client`, and `other`, a CA that signed nothing here.
final class Certificates: Sendable {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["ca", "other"] {
            try openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=\(name) "
                    + "-keyout \(key(name)) -out \(certificate(name))")
        }
        try directory.write("subjectAltName=IP:127.0.0.1,DNS:worker.test\n", to: "server.ext")
        try directory.write("extendedKeyUsage=clientAuth\n", to: "client.ext")
        for name in ["server", "client"] {
            try openssl(
                "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(name) "
                    + "-keyout \(key(name)) -out \(directory.file(name)).csr")
            try openssl(
                "x509 -req -days 2 -CA \(certificate("ca")) -CAkey \(key("ca")) "
                    + "-in \(directory.file(name)).csr -CAcreateserial "
                    + "-extfile \(directory.file(name)).ext -out \(certificate(name))")
        }
    }

    func certificate(_ name: String) -> String { directory.file("\(name).pem") }
    func key(_ name: String) -> String { directory.file("\(name).key") }
    func pem(_ name: String) throws -> [UInt8] { try directory.read("\(name).pem") }
    func keyPEM(_ name: String) throws -> [UInt8] { try directory.read("\(name).key") }

    private func openssl(_ arguments: String) throws {
        let process = try OpenSSLProcess(arguments)
        guard process.waitForExit() == 0 else {
            throw TestServer.SocketFailure(call: "openssl \(arguments)", code: 1)
        }
    }
}

/// `openssl s_server -www` on a port of its choice.
final class TLSServer: Sendable {
    let port: Int
    private let process: OpenSSLProcess

    init(_ certificates: Certificates, _ more: String = "") throws {
        process = try OpenSSLProcess(
            "s_server -accept 127.0.0.1:0 -www -cert \(certificates.certificate("server")) "
                + "-key \(certificates.key("server")) -CAfile \(certificates.certificate("ca")) \(more)")
        // It prints "ACCEPT 127.0.0.1:PORT" when it listens.
        guard let line = process.readLine(startingWith: "ACCEPT"), let port = line.split(separator: ":").last,
            let port = Int(port)
        else { throw TestServer.SocketFailure(call: "openssl s_server", code: 1) }
        self.port = port
    }

    deinit { process.end() }

    var url: String { "https://127.0.0.1:\(port)/" }
}

/// The openssl program with its output in a pipe. Standard input stays open and silent: s_server ends with
/// it.
final class OpenSSLProcess: Sendable {
    private let process: pid_t
    private let input: Int32
    private let output: Int32

    init(_ arguments: String) throws {
        let inputs = try makePipe()
        let outputs = try makePipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputs.readEnd, 0)
        posix_spawn_file_actions_adddup2(&actions, outputs.writeEnd, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let words = (["openssl"] + arguments.split(separator: " ").map(String.init)).map { strdup($0) }
        defer { for word in words { free(word) } }
        var process = pid_t()
        let failure = posix_spawnp(&process, "openssl", &actions, nil, words + [nil], environ)
        close(inputs.readEnd)
        close(outputs.writeEnd)
        guard failure == 0 else { throw TestServer.SocketFailure(call: "openssl", code: failure) }
        (self.process, input, output) = (process, inputs.writeEnd, outputs.readEnd)
    }

    deinit {
        close(input)
        close(output)
    }

    func readLine(startingWith prefix: String) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix(prefix) { return text }
            line = []
        }
        return nil
    }

    func waitForExit() -> Int32 {
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return status
    }

    func end() {
        kill(process, SIGKILL)
        _ = waitForExit()
    }
}
