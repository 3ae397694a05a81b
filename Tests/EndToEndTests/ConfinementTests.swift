import Glibc
import Kernel
import ProcessKit
import Testing
import Tree

/// A task that tries to be more than a task, on a real controller: whatever the state, the controller, the agents and
/// other tasks hold is out of its reach, and what is its own works.
@Suite(.crowd)
struct ConfinementTests {
    static let support = Confinement.Support.here
    /// Runs only where the kernel can confine: the sentence says what is missing where it can't.
    static let isPossible = support.abi >= 6 && support.filtersCalls

    /// What is not refused where the view of the mounts is the machine's: to root's tasks alone it can be their own.
    private static let metadata: Set<String> = [
        "what the state looks like", "mode of a key", "mode of the state", "mode of its worker's directory",
        "queue of others",
    ]

    private static let script = #"""
        S=$1
        own=${RECONCILE_OUTPUT%/output}
        attempt=${own%/task}
        worker=${attempt%/attempts/*}
        parent() { read -r line < /proc/$1/stat; set -- ${line##*) }; echo $2; }
        guard=$PPID
        agent=$(parent $guard)
        controller=$(parent $agent)
        try() { what=$1; shift; if "$@" > /dev/null 2>&1; then echo "REACHED $what"; else echo "refused $what"; fi; }
        may() { what=$1; shift; if "$@" > /dev/null 2>&1; then echo "works $what"; else echo "BROKEN $what"; fi; }
        put() { echo x > "$1"; }
        python() { command -v python3 > /dev/null || return 1; python3 -c "$1"; }

        try "key of the authority" cat "$S/ca.key"
        try "key of credentials" cat "$S/credentials.key"
        try "kubeconfig of the admin" cat "$S/kubeconfig"
        try "database" cat "$S/state.db"
        try "list of the state" test -n "$(ls "$S" 2> /dev/null | grep -v workers)"
        try "logs of others" cat "$S"/blobs/tasks/*/*
        try "identity of its worker" cat "$worker/identity"
        try "credential of its worker" cat "$worker/agent.json"
        try "log of its attempt" cat "$attempt/log"
        try "status of its attempt" put "$attempt/status"
        try "link for its status" ln -s "$S/ca.key" "$attempt/status.new"
        try "new file in the state" put "$S/made"
        try "what the state looks like" stat "$S/ca.key"
        try "mode of a key" chmod 666 "$S/ca.key"
        try "mode of the state" chmod 777 "$S"
        try "owner of the database" chown 1:1 "$S/state.db"
        try "mode of the machine's passwords" chmod --reference=/etc/shadow /etc/shadow
        try "owner of the machine's passwords" chown --reference=/etc/shadow /etc/shadow
        try "mode of the machine's programs" chmod --reference=/usr/bin/env /usr/bin/env
        try "times of the machine's files" touch -c -r /etc/passwd /etc/passwd
        try "attributes of the machine's programs" python "
        import os
        os.setxattr('/usr/bin/env', 'user.reconcile', b'1')"
        try "mode of its worker's directory" chmod 777 "$worker"
        try "program that runs as its owner" sh -c 'cp /bin/true mine && chmod u+s mine'
        try "new file that runs as its owner" python "
        import os
        os.open('new', os.O_CREAT | os.O_WRONLY, 0o4755)"
        try "program with rights of its own" python "
        import os, struct
        open('able', 'w').close()
        os.setxattr('able', 'security.capability', struct.pack('<5I', 0x02000001, 1 << 21, 0, 0, 0))"
        for who in guard agent controller; do
            eval pid=\$$who
            try "environment of its $who" cat /proc/$pid/environ
            try "memory of its $who" dd if=/proc/$pid/mem bs=1 count=1
            try "maps of its $who" test -n "$(cat /proc/$pid/maps 2> /dev/null)"
            try "descriptors of its $who" cat /proc/$pid/fd/3
            try "directory of its $who" ls /proc/$pid/cwd/
            try "state through the root of its $who" cat "/proc/$pid/root$S/ca.key"
            try "end of its $who" kill -9 $pid
            try "stop of its $who" kill -STOP $pid
            try "limits of its $who" prlimit --pid $pid --cpu=1
            try "priority of its $who" renice -n 19 -p $pid
            try "worth of its $who to the kernel" put /proc/$pid/oom_score_adj
            try "scheduling of its $who" chrt --idle --pid 0 $pid
            try "processors of its $who" taskset -p 1 $pid
            try "disk priority of its $who" ionice -c 3 -p $pid
        done
        try "socket of the API" python "
        import socket
        socket.socket(socket.AF_UNIX).connect('$S/api.sock')"
        try "abstract socket" python "
        import socket
        socket.socket(socket.AF_UNIX).connect('\0reconcile')"
        try "what passes on the wire" python "
        import socket
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)"
        try "raw words on the wire" python "
        import socket
        socket.socket(socket.AF_INET, socket.SOCK_RAW, 6)"
        try "host of a virtual machine" python "
        import socket
        socket.socket(40, socket.SOCK_STREAM)"
        try "sockets of others" python "
        import socket
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)"
        try "queue of others" python "
        import ctypes
        assert ctypes.CDLL(None).msgget($2, 0o600) >= 0"
        try "rings of system calls" python "
        import ctypes
        assert ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(256)) >= 0"
        try "keys that the kernel keeps" python "
        import ctypes
        assert ctypes.CDLL(None).syscall(250 if '$(uname -m)' == 'x86_64' else 219, 0, -4, 1) >= 0"
        try "being root in a namespace of its own" unshare --user true
        try "namespaces of another" nsenter --target $guard --mount true
        try "events of the processor" python "
        import ctypes
        assert ctypes.CDLL(None).syscall(298 if '$(uname -m)' == 'x86_64' else 241, ctypes.create_string_buffer(128), 0, -1, -1, 0) >= 0"
        try "mount" mount -t tmpfs none /mnt
        try "what covers the state" umount "$S"
        try "names of others" nsenter -t 1 -m true
        try "device" mknod "$own/device" b 8 0
        try "settings of the machine" put /etc/reconcile-was-here
        try "programs of the machine" put /usr/reconcile-was-here
        try "settings of the kernel" put /proc/sys/kernel/core_pattern
        try "home of root" ls /root
        try "passwords" cat /etc/shadow

        may "its directory" put "$PWD/file"
        may "its temporary files" put "$TMPDIR/file"
        may "its outputs" put "$RECONCILE_OUTPUT"
        may "a process of its own" sh -c 'sleep 100 & kill -9 $!'
        may "threads" python "
        import threading
        t = threading.Thread(target=print); t.start(); t.join()"
        may "its own priority" nice -n 5 true
        may "its own processors" taskset 1 true
        may "shared temporary files" sh -c 'f=$(mktemp /tmp/reconcile.XXXXXX) && rm "$f"'
        may "names of users" cat /etc/passwd
        may "facts about itself" cat /proc/self/status
        may "standard output by its name" sh -c 'echo x > /dev/stdout'
        may "locks between its processes" python "
        import multiprocessing
        with multiprocessing.Lock(): pass"
        may "addresses of the machine" python "
        import socket
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()"
        may "a pair of sockets" python "
        import socket
        socket.socketpair()"
        may "mode of its own" sh -c 'touch a && chmod 640 a && mkdir -p b/c && cp -a a b/c/ && mv b d && rm -r d'
        may "link to its own" sh -c 'touch e && ln e f && ln -s e g && cat f g'
        may "nothing" sh -c 'echo x > /dev/null'
        may "chance" head -c 8 /dev/urandom
        may "network" python "
        import socket
        socket.socket(socket.AF_INET).close()"
        echo a=1 > "$RECONCILE_OUTPUT"
        """#

    @Test(
        "a task that tries everything is refused each time, and its worker says how",
        .enabled(if: isPossible, "this kernel lacks Landlock ABI 6 or seccomp: tasks are not confined here"))
    func tries() async throws {
        let site = try Site()
        try await site.serve("--bind-address", "127.0.0.1:0")
        let script = try site.write("tries.sh", Self.script)
        let queue = msgget(Int32.random(in: 1...Int32.max), 0o1600)
        var status = msqid_ds()
        try #require(queue >= 0 && msgctl(queue, 2, &status) == 0)
        defer { msgctl(queue, 0, nil) }
        let region =
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: here}\n"
            + "spec: {provider: {local: {isolation: Required, readable: [\(site.directory)/manifests]}}}\n"
        try await site.apply(
            "plan.yaml", region, Manifest.pool(),
            Manifest.plan("tries", [Manifest.task("all", "[sh, \(script), \(site.state), '\(status.msg_perm.__key)']")])
        )
        try await site.awaitPlan("tries")
        let log = try await site.succeed("logs", "xtask/tries-all").output
        let lines = log.split(separator: "\n").map(String.init)
        let open = Self.support.ownsMounts ? [] : Self.metadata
        let wrong = lines.filter { $0.hasPrefix("REACHED") || $0.hasPrefix("BROKEN") }
        #expect(wrong.filter { !open.contains(String($0.dropFirst("REACHED ".count))) } == [], "\(log)")
        #expect(lines.count { $0.hasPrefix("refused") } >= 80 - open.count, "\(log)")
        #expect(lines.count { $0.hasPrefix("works") } >= 14, "\(log)")
        if getenv("RECONCILE_MATRIX") != nil { print(log) }
        #expect(try await site.task("tries", "all")["status"]?["outputs"]?["a"]?.string == "1")
        let worker = try #require(try await site.objects("wkr").first)
        let isolation = worker["status"]?["isolation"]?.string
        #expect(isolation?.hasPrefix("Landlock ABI \(Self.support.abi)") == true, "\(isolation ?? "none")")
        let name = try #require(worker["metadata"]?["name"]?.string)
        #expect(try await site.succeed("describe", "wkr/\(name)").output.contains("Landlock ABI"))
    }

    @Test(
        "what is out of reach is said with the setting that allows it",
        .enabled(if: isPossible, "this kernel lacks Landlock ABI 6 or seccomp: tasks are not confined here"))
    func outOfReach() async throws {
        let site = try Site()
        try await site.serve()
        try await site.apply(
            "plan.yaml", Manifest.region(), Manifest.pool(),
            Manifest.plan(
                "far", spec: "faultTolerance: {retry: {limit: 0}}",
                [
                    Manifest.task("home", "[\"true\"]", "").replacing(
                        "command: [\"true\"]", with: "command: [\"true\"], workingDirectory: /root")
                ]))
        try await site.awaitPlan("far", "Failed")
        let status = try await site.task("far", "home")["status"]
        #expect(status?["message"]?.string?.contains("spec.provider.local.writable") == true, "\(status ?? .null)")
    }

    @Test("what a task that kills its guard leaves is ended, and the attempt says so") func killsItsGuard() async throws
    {
        let site = try Site()
        try await site.serve("--bind-address", "127.0.0.1:0")
        let script = try site.write(
            "kills.sh",
            """
            env -i setsid sh -c 'trap "" TERM HUP; sleep 7171; sleep 7171' > /dev/null 2>&1 &
            sleep 0.3
            kill -9 $PPID
            sleep 100
            """)
        try await site.apply(
            "plan.yaml",
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: here}\n"
                + "spec: {provider: {local: {isolation: None}}}\n",
            Manifest.pool(),
            Manifest.plan(
                "kills", spec: "faultTolerance: {retry: {limit: 0}}",
                [Manifest.task("guard", "[sh, \(script)]")]))
        let task = try await site.await("xtask/kills-guard", "tells of its first attempt") {
            $0["status"]?["attempts"]?.array?.isEmpty == false
        }
        let message = task["status"]?["attempts"]?.array?.first?["message"]?.string ?? ""
        #expect(message.contains("its guard died, and what it guarded was killed"), "\(message)")
        #expect(message.contains("that had left its session"), "\(message)")
        try await site.succeed("cancel", "kills")
        try await eventually("nothing of it is left", within: .seconds(20)) {
            Processes.living(commandHolds: "sleep 7171").isEmpty
        }
    }

    @Test("a region whose tasks are not confined says so") func none() async throws {
        let site = try Site()
        try await site.serve("--bind-address", "127.0.0.1:0")
        try await site.apply(
            "region.yaml",
            "apiVersion: reconcile.dev/v1alpha1\nkind: Region\nmetadata: {name: here}\n"
                + "spec: {provider: {local: {isolation: None}}}\n")
        let region = try await site.await("region/here", "says that nothing is confined") {
            $0["status"]?["conditions"]?.array?.contains { $0["type"] == "Isolated" && $0["status"] == "False" } == true
        }
        let condition = region["status"]?["conditions"]?.array?.first { $0["type"] == "Isolated" }
        #expect(condition?["message"]?.string?.contains("each task may do what the controller's user may") == true)
    }
}
