import Kernel
import Testing

/// The e-commerce example with every region on one engine.
enum Shop {
    /// Into the site's directory `shop`. `provider`: further fields of each region's; `begin`: what each task's script
    /// does first.
    static func write(to site: Site, _ engine: TestEngine, provider: String = "", begin: String = "") throws {
        for part in ["1-regions", "2-pools", "3-plan"] {
            let text = try #require(try Files.read("\(examples)/ecommerce/\(part).yaml", limit: 1 << 20))
            let adapted = onDocker(String(decoding: text, as: UTF8.self), engine, provider)
            try site.write(
                "shop/\(part).yaml",
                begin.isEmpty ? adapted : adapted.replacing(" set -eu\n", with: " set -eu; \(begin)\n"))
        }
    }

    private static var examples: String {
        let here = #filePath
        return (here.firstRange(of: "/Tests/").map { String(here[..<$0.lowerBound]) } ?? ".") + "/manifests/examples"
    }

    /// Its clouds become the engine; a declared database that is nowhere is left out.
    private static func onDocker(_ text: String, _ engine: TestEngine, _ provider: String) -> String {
        let fields = "host: \"unix://\(engine.socket)\", image: \"\(TestEngine.busybox)\""
        var lines: [Substring] = []
        var isCloud = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "    aws:" {
                lines.append("    docker: {\(fields)\(provider.isEmpty ? "" : ", " + provider)}")
                isCloud = true
            } else if isCloud, line.hasPrefix("      ") {
                continue
            } else {
                isCloud = false
                if !line.contains("endpoint: ") { lines.append(line) }
            }
        }
        return lines.joined(separator: "\n")
    }
}
