import CCurl
import Glibc

/// libcurl's C callbacks: each finds its transfer behind the pointer and hands over. They run on the loop's
/// thread, inside `curl_multi_perform` or `curl_easy_pause`.
extension Transfer {
    private static let keepAliveProbes: Int32 = 3

    func setCallbacks(_ options: inout OptionSetter) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        options.set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        options.set(CURLOPT_WRITEDATA, this)
        options.set(CURLOPT_HEADERDATA, this)
        options.set(CURLOPT_READDATA, this)
        options.set(CURLOPT_SEEKDATA, this)
        options.set(CURLOPT_PREREQDATA, this)
        options.set(CURLOPT_OPENSOCKETDATA, this)
        options.note(
            ccurl_set_write(easy) { bytes, size, count, this in
                Transfer.at(this).write(UnsafeRawBufferPointer(start: bytes, count: size * count))
            })
        options.note(
            ccurl_set_header(easy) { bytes, size, count, this in
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return Transfer.at(this).headerLine(line) ? line.count : 0
            })
        options.note(
            ccurl_set_read(easy) { space, size, count, this in
                Transfer.at(this).readBody(
                    into: UnsafeMutableRawBufferPointer(start: space, count: size * count))
                    ?? Int(CURL_READFUNC_ABORT)
            })
        options.note(
            ccurl_set_seek(easy) { this, offset, origin in
                let isDone = origin == SEEK_SET && Transfer.at(this).rewindBody(to: Int(offset))
                return isDone ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
            })
        options.note(
            ccurl_set_prerequest(easy) { this, _, _, _, _ in
                Transfer.at(this).beforeRequest() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        options.note(
            ccurl_set_open_socket(easy) { this, _, address in
                guard let address, Transfer.at(this).mayDial(address) else { return curl_socket_t(-1) }
                return Transfer.openSocket(address.pointee)
            })
    }

    /// Only pointers that `setCallbacks` handed out come here.
    private static func at(_ pointer: UnsafeMutableRawPointer?) -> Transfer {
        Unmanaged.fromOpaque(pointer!).takeUnretainedValue()
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch received(bytes) {
        case .taken: bytes.count
        case .pause: Int(CURL_WRITEFUNC_PAUSE)
        case .refused, .over: bytes.isEmpty ? 1 : 0
        }
    }

    /// libcurl dials the very address that is judged here.
    private func mayDial(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        let rule = exchange.prepared.settings.addresses
        guard rule != .any, address.pointee.family != AF_UNIX else { return true }
        let bytes = withUnsafePointer(to: &address.pointee.addr) { IPAddress.bytes(of: $0) }
        guard let bytes else { return false }
        refusedAddress = rule.objection(to: bytes)
        return refusedAddress == nil
    }

    /// As libcurl opens it, but not inherited by child processes; and a dead peer shows after three probes,
    /// not nine.
    private static func openSocket(_ address: curl_sockaddr) -> curl_socket_t {
        let type = address.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, address.protocol)
        if descriptor >= 0, address.family != AF_UNIX {
            var probes = keepAliveProbes
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, &probes, socklen_t(MemoryLayout<Int32>.size))
        }
        return descriptor
    }
}
