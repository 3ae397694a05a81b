import FoundationEssentials
import Glibc
import HTTP
import Host
import Kernel
import Model
import Ports
import ProcessKit
import Testing
import Tree

@testable import Docker

/// The page on Docker, held to what is read inside the containers that it speaks of.
@Suite(.enabled(if: Engine.isThere, Engine.hint), .timeLimit(.minutes(3)))
struct BordersPageTests {
    private static let memory: Int64 = 64 << 20

    /// Says `name=value` for each border of the page.
    private static let script = #"""
        status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
        mounted() { awk -v at="$1" '$2 == at { print $4 }' /proc/mounts; }
        first() { for file; do [ -r "$file" ] && { cat "$file"; return; }; done; }
        has() { case ",$1," in *",$2,"*) printf "%s" "$3$2";; esac; }
        echo begin
        echo "user=$(id -u)"
        echo "capabilities=$(status CapEff) $(status CapBnd)"
        echo "no-new-privileges=$(status NoNewPrivs)"
        echo "seccomp=$(status Seccomp)"
        echo "memory=$(first /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes)"
        echo "processors=$(first /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu/cpu.cfs_quota_us)"
        echo "processes=$(first /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max)"
        echo "open-files=$(ulimit -n)"
        echo "core-dumps=$(ulimit -c)"
        echo "root=$(mounted / | cut -c1-2)"
        tmp=$(mounted /tmp)
        echo "tmp=$(has "$tmp" nosuid)$(has "$tmp" nodev ,)$(has "$tmp" noexec ,)$(has "$tmp" size=65536k ,)"
        echo "shm=$(mounted /dev/shm | sed -n 's/.*size=\([0-9a-z]*\).*/\1/p')"
        writable=
        # The program is root's, whatever its mount says.
        for place in $(awk '$4 ~ /^rw/ && $2 !~ /^\/(proc|sys|dev|tmp|etc)(\/|$)/ { print $2 }' /proc/mounts | sort -u); do
            case $place in /reconcile/program) [ -w $place ] || continue ;; esac
            writable="$writable $place"
        done
        echo "writable=${writable# }"
        echo "interfaces=$(echo $(ls /sys/class/net | sort))"
        metadata=unreachable
        awk '$2 == "00000000" { found = 1 } END { exit !found }' /proc/net/route && metadata=routed
        grep -q "169\.254\.169\.254" /proc/net/fib_trie && metadata="its own"
        wget -q -T 3 -O /dev/null http://169.254.169.254/ 2>/dev/null && metadata=answers
        echo "metadata=$metadata"
        devices=none
        for device in /dev/*; do
            case ${device#/dev/} in
            core|fd|full|mqueue|null|ptmx|pts|random|shm|stderr|stdin|stdout|tty|urandom|zero|console) ;;
            *) devices=$device ;;
            esac
        done
        echo "devices=$devices"
        socket=none
        for place in /run/docker.sock /var/run/docker.sock; do [ -e $place ] && socket=$place; done
        echo "socket=$socket"
        echo end
        """#

    /// What the page says of each border, by the name under which it is read: of a worker's container, of a task's.
    private static func page() throws -> [(name: String, worker: String, task: String)] {
        let root = #filePath.split(separator: "/Tests/")[0]
        let path = "\(root)/Sources/reconcile/Documentation.docc/Docker.md"
        let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        let table = text.split(separator: "## Borders")[1].split(separator: "\n## ")[0]
        return table.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
                $0.split { $0 == " " || $0 == "`" }.joined(separator: " ")
            }
            guard cells.count == 6, line.contains(" | `") else { return nil }
            return (cells[2], cells[3], cells[4])
        }
    }

    private static func read(_ report: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in report.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { found[String(parts[0])] = String(parts[1]) }
        }
        return found
    }

    /// What is asked for is read as it was asked; all else as the page says it.
    private static func check(_ found: [String: String], _ name: String, _ says: String) {
        switch says {
        case "": break
        case "resources.memory", "requires.memory": #expect(found[name] == "\(memory)", "\(name)")
        // Half a processor: of each 100 ms, 50.
        case "resources.cpu", "requires.cpu": #expect(found[name]?.hasPrefix("50000") == true, "\(name): \(found)")
        default: #expect(found[name] == says, "\(name): inside it is \(found[name] ?? "unsaid")")
        }
    }

    @Test("Inside a worker's container it is as the page says")
    func worker() async throws {
        let script = "{ \(Self.script)\n} > /reconcile/data/worker/report 2>&1; exec sleep 3600"
        let rows = try Self.page()
        #expect(rows.count >= 18)
        try await inWorld(try DockerWorld(bundle: SmallBundle.make(script, checksum: "e"))) { world in
            var request = world.request(uid: "w")
            request.spec.resources.memory = Quantity(Self.memory)
            request.spec.resources.cpu = Quantity(milli: 500)
            try await world.docker().create(request)
            let id = try #require(try await world.engine.living(uid: "w", cluster: world.clusterID).first)
            var report = ""
            try await eventually("the report is written", within: .seconds(30)) {
                var call = EngineCall.file(id, "/reconcile/data/worker/report")
                call.method = .get
                report = (try? await world.engine.client.send(call).text) ?? ""
                return report.contains("\nend\n")
            }
            let found = Self.read(report)
            for row in rows { Self.check(found, row.name, row.worker) }
        }
    }

    @Test("Inside a task's own container it is as the page says, with its network and without")
    func task() async throws {
        let rows = try Self.page()
        for network in [RunSpec.Network.bridge, .loopback] {
            try await boxed { boxes in
                var order = boxes.order(Self.script)
                order.limits.memory = Quantity(Self.memory)
                order.limits.cpu = Quantity(milli: 500)
                order.network = network
                let end = try #require(await boxes.run(order))
                #expect(end.exitCode == 0, "\(end)")
                var found = Self.read(try boxes.log(order.name))
                if network == .loopback {
                    for name in ["interfaces", "metadata"] { found["\(name)-none"] = found[name] }
                    for row in rows where row.name.hasSuffix("-none") { Self.check(found, row.name, row.task) }
                } else {
                    for row in rows where !row.name.hasSuffix("-none") {
                        // Here the worker is this program.
                        let isOther = row.name == "user" && geteuid() != 0
                        Self.check(found, row.name, isOther ? "\(geteuid())" : row.task)
                    }
                }
            }
        }
    }
}
