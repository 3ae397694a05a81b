import Glibc
import Kernel
import ProcessKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct KernelTests {
    @Test("A lock is held by whoever inherited it, and free when the last of them is gone")
    func lockIsInherited() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/lock"
        #expect(try !FileLock.isHeld(path))
        var lock = try FileLock.take(path)
        #expect(try FileLock.isHeld(path))
        #expect(try FileLock.take(path) == nil, "also within one process")
        var spawn = SpawnRequest(["/bin/sleep", "1000"], environment: [])
        spawn.descriptors.append(lock?.descriptor)
        let pid = try spawn.spawn()
        spawn.descriptors = []
        lock = nil
        #expect(try FileLock.isHeld(path), "the child has it")
        #expect(try FileLock.take(path) == nil)
        kill(pid, SIGKILL)
        _ = try Children.wait(pid)
        #expect(try !FileLock.isHeld(path))
        #expect(try FileLock.take(path) != nil)
    }

    @Test("An identity is one process: its number alone is not enough")
    func identity() throws {
        let me = try #require(ProcessIdentity.current)
        #expect(me.isAlive)
        #expect(ProcessIdentity("\(me)") == me)
        #expect(!ProcessIdentity(bootID: me.bootID, pid: me.pid, startTime: me.startTime + 1).isAlive)
        #expect(!ProcessIdentity(bootID: "other", pid: me.pid, startTime: me.startTime).isAlive)
        #expect(!ProcessIdentity(bootID: "other", pid: me.pid, startTime: me.startTime).signal(SIGKILL))
        #expect(ProcessIdentity("a/b") == nil && ProcessIdentity("a/0/1") == nil && ProcessIdentity("a/1/x") == nil)
        let child = try SpawnRequest(["/bin/true"], environment: []).spawn()
        let entry = try #require(ProcessIdentity(pid: child))
        let descriptor = entry.watch()
        if let descriptor { _ = try Poll.wait([descriptor]) }
        #expect(!entry.isAlive, "a dead child that waits to be reaped is dead")
        #expect(try Children.wait(child) == .exited(0))
        #expect(ProcessIdentity(pid: child) == nil)
    }

    @Test("A child gets its descriptors and nothing else, whatever their numbers were")
    func descriptors() throws {
        let first = try Descriptor.pipe()
        let second = try Descriptor.pipe()
        // Deliberately crossed: each source number may be a target of the other.
        var spawn = SpawnRequest(
            ["/bin/sh", "-c", "echo three >&3; echo four >&4; ls /proc/self/fd | wc -l >&4"],
            environment: ["PATH=/usr/bin:/bin"])
        spawn.descriptors = [nil, nil, nil, second.write, first.write]
        #expect(try Children.wait(try spawn.spawn()) == .exited(0))
        guard case .bytes(let three) = try second.read.read(upTo: 99),
            case .bytes(let four) = try first.read.read(upTo: 99)
        else {
            Issue.record("both got something")
            return
        }
        #expect(String(decoding: three, as: UTF8.self) == "three\n")
        // 0 to 4, and the one with which ls reads the directory.
        #expect(
            String(decoding: four, as: UTF8.self).split(separator: "\n").map { $0.filter { $0 != " " } } == [
                "four", "6",
            ])
    }

    @Test("What can't be started is an error here and now")
    func spawnErrors() throws {
        let scratch = try Scratch()
        try Files.replace(scratch.path + "/text", Array("text".utf8))
        for (program, code) in [("/no/such", ENOENT), (scratch.path + "/text", EACCES)] {
            do throws(SystemError) {
                _ = try SpawnRequest([program], environment: []).spawn()
                Issue.record("\(program) can't start")
            } catch {
                #expect(error.code == code)
                #expect(error.description.hasPrefix("start \(program): "))
            }
        }
        #expect(throws: SystemError.self) { try SpawnRequest(["/bin/true", "a\0b"], environment: []).spawn() }
    }

    @Test("Files appear whole, directories go with all that is in them, links are not followed")
    func files() throws {
        let scratch = try Scratch()
        let tree = scratch.path + "/a"
        try Files.makeDirectories(tree + "/b/c")
        try Files.replace(tree + "/b/file", Array("old".utf8))
        try Files.replace(tree + "/b/file", Array("new".utf8), durable: true)
        #expect(try Files.read(tree + "/b/file", limit: 3) == Array("new".utf8))
        #expect(throws: SystemError.self) { try Files.read(tree + "/b/file", limit: 2) }
        #expect(try Files.names(in: tree + "/b") == ["c", "file"])
        try Files.replace(scratch.path + "/kept", [1])
        symlink(scratch.path, tree + "/link")
        chmod(tree + "/b", 0o500)
        try Files.remove(tree)
        #expect(try Files.names(in: scratch.path) == ["kept"])
        try Files.remove(tree)
        #expect(try Files.read(tree, limit: 1) == nil)
    }

    @Test("A directory goes however deep it is, with what its maker closed in it")
    func deepDirectories() throws {
        let scratch = try Scratch()
        try Files.makeDirectory(scratch.path + "/deep")
        var place = try #require(opendir(scratch.path + "/deep"))
        for level in 0..<3_000 {
            let here = dirfd(place)
            #expect(mkdirat(here, "a", 0o700) == 0 && mkdirat(here, "b", 0o700) == 0)
            close(openat(here, "file", O_CREAT | O_WRONLY, 0o600))
            let next = fdopendir(openat(here, "a", O_RDONLY | O_DIRECTORY))
            if level % 100 == 0 { fchmod(here, 0o500) }
            closedir(place)
            place = try #require(next)
        }
        closedir(place)
        symlink(scratch.path, scratch.path + "/deep/link")
        try Files.replace(scratch.path + "/kept", [1])
        try Files.remove(scratch.path + "/deep")
        #expect(try Files.names(in: scratch.path) == ["kept"])
        #expect(throws: SystemError.self, "and says why where it can't") { try Files.remove("/proc/self") }
    }

    @Test("What was planted under the name of a file to come is not written through")
    func plantedLinks() throws {
        let scratch = try Scratch()
        let (target, file) = (scratch.path + "/target", scratch.path + "/file")
        try Files.replace(target, Array("mine".utf8))
        symlink(target, file + ".new")
        try Files.replace(file, Array("fresh".utf8))
        #expect(try Files.read(target, limit: 16) == Array("mine".utf8))
        #expect(try Files.read(file, limit: 16) == Array("fresh".utf8))
        #expect(try Files.names(in: scratch.path) == ["file", "target"])
        symlink(target, scratch.path + "/lock")
        #expect(throws: SystemError.self) { _ = try FileLock.take(scratch.path + "/lock") }
    }

    @Test("A lock that was removed, or put elsewhere, is seen to be")
    func removedLocks() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/lock"
        let lock = try #require(try FileLock.take(path))
        #expect(lock.lies(at: path))
        rename(path, scratch.path + "/other")
        #expect(!lock.lies(at: path) && lock.lies(at: scratch.path + "/other"))
        try Files.replace(path, [])
        #expect(!lock.lies(at: path), "another file of that name is another lock")
    }

    @Test("A family is found without reading everybody else's entry, and is the same")
    func descendants() throws {
        let pid = try SpawnRequest(
            ["/bin/sh", "-c", "(sleep 100 & sleep 100; :) & sleep 100 & sleep 100; :"],
            environment: ["PATH=/bin:/usr/bin"]
        ).spawn()
        defer {
            for entry in ProcessTable.descendants(of: pid) { entry.signal(SIGKILL) }
            kill(pid, SIGKILL)
            _ = try? Children.wait(pid)
        }
        let end = ContinuousClock.now + .seconds(10)
        while ProcessTable.descendants(of: pid).count < 5, ContinuousClock.now < end { usleep(1000) }
        #expect(ProcessTable.descendants(of: pid).map(\.pid) == ProcessTable.descendantsOfAll(pid).map(\.pid).sorted())
        #expect(ProcessTable.descendants(of: pid).count == 5)
    }

    @Test("A watcher serves many descriptors, forgets those that are done, and starts again after a rest")
    func watcher() async throws {
        let watcher = try Watcher()
        for round in 0..<3 {
            let count = Mutex(0)
            let pipes = try (0..<50).map { _ in try Descriptor.pipe() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for pipe in pipes {
                    group.addTask {
                        try await withCheckedThrowingContinuation {
                            (continuation: CheckedContinuation<Void, any Error>) in
                            do {
                                try watcher.watch(pipe.read) {
                                    _ = try? pipe.read.read(upTo: 1)
                                    continuation.resume()
                                    return .done
                                }
                            } catch {
                                continuation.resume(throwing: error)
                            }
                        }
                    }
                    group.addTask { try pipe.write.writeAll([1]) }
                }
                for try await _ in group { count.withLock { $0 += 1 } }
            }
            #expect(count.withLock { $0 } == 100, "round \(round)")
        }
    }

    @Test("A timer on the boot clock comes at its time, and at once if that is past")
    func timer() throws {
        let timer = try BootTimer()
        let due = BootClock.nanoseconds + 30_000_000
        try timer.set(due)
        _ = try Poll.wait([timer.descriptor])
        #expect(BootClock.nanoseconds >= due)
        try timer.set(1)
        _ = try Poll.wait([timer.descriptor])
        #expect(BootClock.bootID.count == 36)
    }
}
