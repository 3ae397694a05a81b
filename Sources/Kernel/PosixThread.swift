import Glibc
import Synchronization

/// A detached thread with a small stack. It takes no signal: they belong to the program.
package enum PosixThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private final class Result<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    /// Runs it in a thread of its own and waits for its end: what a thread changes of itself ends with it. Nil if the
    /// system gave none.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Value? {
        let result = Result<Value>()
        let box = Unmanaged.passRetained(Body { result.value.withLock { $0 = body() } })
        var thread = pthread_t()
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { opaque in
            if let opaque { Unmanaged<Body>.fromOpaque(opaque).takeRetainedValue().run() }
            return nil
        }
        guard pthread_create(&thread, nil, main, box.toOpaque()) == 0 else {
            box.release()
            return nil
        }
        pthread_join(thread, nil)
        return result.value.withLock { $0 }
    }

    /// False if the system gave none.
    package static func start(stackBytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        var allSignals = sigset_t()
        var callersSignals = sigset_t()
        var thread = pthread_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        sigfillset(&allSignals)
        pthread_sigmask(SIG_BLOCK, &allSignals, &callersSignals)
        defer { pthread_sigmask(SIG_SETMASK, &callersSignals, nil) }
        let box = Unmanaged.passRetained(Body(body))
        let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { opaque in
            if let opaque { Unmanaged<Body>.fromOpaque(opaque).takeRetainedValue().run() }
            return nil
        }
        guard pthread_create(&thread, &attributes, main, box.toOpaque()) == 0 else {
            box.release()
            return false
        }
        return true
    }
}
