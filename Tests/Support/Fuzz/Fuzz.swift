import Glibc

/// What libFuzzer calls with each input. `RECONCILE_SURFACE` says which parser or surface takes it; what breaks a law
/// ends the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    surface.take(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}

/// Something that has to stand any bytes.
protocol Surface: Sendable {
    func take(_ bytes: [UInt8])
}

private let surface: any Surface = {
    let name = getenv("RECONCILE_SURFACE").map { String(cString: $0) } ?? ""
    guard let surface = surfaces[name] else {
        preconditionFailure("RECONCILE_SURFACE is \"\(name)\": set it to one of \(surfaces.keys.sorted())")
    }
    return surface
}()

private let surfaces: [String: any Surface] = [
    "yaml": YAMLSurface(), "json": JSONSurface(), "manifest": ManifestSurface(), "request": RequestSurface(),
]
