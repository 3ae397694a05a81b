// swift-tools-version:6.2
import PackageDescription

// One setting list for every target: language mode 6 and the upcoming features that keep imports and isolation
// explicit. Warnings are errors, so a warning never has to be read twice.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

/// A library target of ours. The layer table in ARCHITECTURE.md says what each may import; hack/check-imports holds
/// them to it.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil
) -> Target {
    .target(name: name, dependencies: dependencies, path: path ?? "Sources/\(name)", swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: settings)
}

func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, path: "Tests/\(name)Tests",
        swiftSettings: settings)
}

let collections: [Target.Dependency] = [
    .product(name: "DequeModule", package: "swift-collections"),
    .product(name: "HeapModule", package: "swift-collections"),
]
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdHTTP2 = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

let package = Package(
    name: "reconcile",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates.git", exact: "1.21.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1.git", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-nio.git", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", exact: "7.10.0"),
    ],
    targets: [
        // ground
        module("Tree"),
        module("Text"),
        module("Model", ["Tree"]),
        .systemLibrary(name: "CYAML", path: "Sources/CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Sources/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        module("Documents", ["Tree", "CYAML"]),
        module("HTTP", ["CCurl"]),
        // ports
        module("Ports", ["Model", "Tree"]),
        // brains
        module("Placement", ["Model"]),
        module("Apply", ["Model", "Documents", "Tree"]),
        module("Engine", ["Model", "Ports", "Tree"] + collections),
        // cores
        module("WorkerProtocol", ["Model", "Tree"]),
        module("Gateway", ["Model", "WorkerProtocol"]),
        module("Agent", ["Model", "WorkerProtocol"]),
        module("Controllers", ["Model", "Ports", "Engine", "Placement", "Tree"]),
        module("Coordinator", ["Model", "Ports", "Engine", "Controllers", "Gateway", "WorkerProtocol", "Tree"]),
        module(
            "Preview",
            ["Model", "Ports", "Engine", "Coordinator", "Gateway", "Storage", "Tree", "WorkerProtocol"] + collections),
        module("APIServer", ["Model", "Ports", "Apply", "Documents", "Tree"]),
        module("Client", ["APIServer", "HTTP", "Documents", "Model", "Ports", "Tree"]),
        // adapters
        module("Storage", ["Model", "Ports", "Kernel", "Documents", "Tree"]),
        module("SQLiteStorage", ["Model", "Ports", "Storage", "Documents", "Kernel", "Tree", grdb]),
        module("Local", ["Model", "Ports", "Documents", "Kernel", "Tree"], path: "Sources/Providers/Local"),
        module("Docker", ["Model", "Ports", "HTTP", "Documents", "Tree"], path: "Sources/Providers/Docker"),
        // shells
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        module("Kernel", ["CLinux"]),
        module("Host", ["Model", "Ports", "Documents", "Kernel", "Tree"]),
        module(
            "Serve",
            [
                "Text", hummingbird, hummingbirdCore, hummingbirdHTTP2, x509, crypto, logging, lifecycle, httpTypes,
                asn1, nio,
                nioSSL, nioTLS,
            ]),
        // programs
        module(
            "Commands",
            ["Model", "Documents", "Apply", "APIServer", "Client", "Kernel", "Ports", "Text", "Tree", argumentParser]),
        program(
            "reconcile",
            [
                "Agent", "APIServer", "Apply", "Client", "Commands", "Controllers", "Coordinator", "Documents",
                "Docker",
                "Engine",
                "Gateway", "Host", "Placement", "HTTP", "Kernel", "Local", "Model", "Ports", "Preview", "SQLiteStorage",
                "Serve", "Storage", "Text", "Tree",
                "WorkerProtocol", argumentParser, lifecycle, logging,
            ]),
        module(
            "SimulatedWorld",
            [
                "Agent", "Apply", "Coordinator", "Engine", "Gateway", "Model", "Ports", "Storage", "Tree",
                "WorkerProtocol",
            ] + collections),
        // Every task waits for its start once: with nothing to load it takes as long as that of /bin/true, and it runs
        // in any image as it is. It looks nothing up that glibc would have to load for it.
        .executableTarget(
            name: "reconcile-guard", dependencies: ["Host"], path: "Sources/reconcile-guard", swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-static-executable", "-use-ld=lld"], .when(platforms: [.linux]))]),
        program("simulate", ["SimulatedWorld"]),
        program(
            "bench",
            [
                "APIServer", "Apply", "CYAML", "Client", "Controllers", "Coordinator", "Documents", "Engine", "Gateway",
                "HTTP",
                "Kernel", "Model", "Placement", "PlacementInstances", "Ports", "Preview", "SQLiteStorage", "Storage",
                "Tree",
                "WorkerProtocol",
            ] + collections),
        // test side
        support("StoreConformance", ["Model", "Ports", "Tree"]),
        support("ProviderConformance", ["Model", "Ports"]),
        support("ProcessKit", ["Host", "Kernel", "Ports"]),
        support("EngineProxy", ["Kernel"]),
        support("PlacementInstances", ["Documents", "Kernel", "Model", "Tree"]),
        .executableTarget(
            name: "ProcessFixture", dependencies: ["Docker", "HTTP", "Host", "Kernel", "Local", "Model", "Ports"],
            path: "Tests/Support/ProcessFixture", swiftSettings: settings),
        tests("Tree", []),
        tests("Text", []),
        tests("Model", ["Tree"]),
        tests("Documents", ["Tree"]),
        tests("HTTP", []),
        tests("Apply", ["Model", "Documents", "Tree"]),
        tests("Placement", ["Model"]),
        tests("WorkerProtocol", ["Model", "Tree"]),
        tests("Gateway", ["Model", "WorkerProtocol"]),
        tests("Agent", ["Gateway", "Model", "WorkerProtocol"]),
        tests("Storage", ["Documents", "Kernel", "Model", "Ports", "ProcessKit", "StoreConformance", "Tree"]),
        tests(
            "SQLiteStorage", ["Kernel", "Model", "Ports", "ProcessKit", "Storage", "StoreConformance", "Tree", grdb]),
        tests("Kernel", ["ProcessKit"]),
        tests("Host", ["Kernel", "Model", "Ports", "ProcessFixture", "ProcessKit", "Tree"]),
        tests("Local", ["Kernel", "Model", "Ports", "ProcessFixture", "ProcessKit", "ProviderConformance"]),
        tests(
            "Docker",
            [
                "Documents", "HTTP", "Host", "Kernel", "Model", "Ports", "ProcessFixture", "ProcessKit",
                "ProviderConformance", "Tree",
            ]),
        tests("Engine", ["Model", "Ports", "Tree"]),
        tests("Controllers", ["Engine", "Model", "Ports", "Tree"]),
        tests("Coordinator", ["Apply", "Engine", "Gateway", "Model", "Ports", "Storage", "Tree", "WorkerProtocol"]),
        tests("APIServer", ["Documents", "Engine", "Model", "Ports", "Storage", "Tree"]),
        tests("SimulatedWorld", ["Model", "Ports", "ProviderConformance"]),
        tests("Preview", ["Documents", "Engine", "Model", "PlacementInstances", "Ports", "Tree"]),
        tests("Serve", ["HTTP", "Kernel", "ProcessKit", logging]),
        tests("Client", ["Documents", "HTTP", "Tree"]),
        tests(
            "Commands",
            ["APIServer", "Client", "Documents", "HTTP", "Kernel", "Model", "Ports", "Storage", "Text", "Tree"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "reconcile", "Documents", "EngineProxy", "Kernel", "Model", "Ports", "ProcessKit", "Serve", "Tree",
            ],
            path: "Tests/EndToEndTests", swiftSettings: settings),
        .testTarget(
            name: "SessionTests",
            dependencies: [
                "reconcile", "APIServer", "Client", "Commands", "Documents", "Host", "Kernel", "Model", "ProcessKit",
                "SQLiteStorage", "Tree",
            ],
            path: "Tests/SessionTests", swiftSettings: settings),
    ]
)

// libFuzzer's program has no `main` of its own and instruments whatever it links: Tests/fuzz/run builds it apart.
if Context.environment["RECONCILE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz", dependencies: ["APIServer", "Apply", "Documents", "Model", "Ports", "Storage", "Tree"],
            path: "Tests/Support/Fuzz", swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}

// Some modules' tests alone, for quick turns: RECONCILE_TESTS=Engine,Controllers builds these test targets and what
// they stand on, nothing else.
if let wanted = Context.environment["RECONCILE_TESTS"] {
    func name(_ dependency: Target.Dependency) -> String? {
        switch dependency {
        case .byNameItem(let name, _), .targetItem(let name, _): name
        default: nil
        }
    }
    var kept = Set(
        wanted.split(separator: ",").map { ["simulate", "reconcile", "bench"].contains($0) ? "\($0)" : "\($0)Tests" })
    var grew = true
    while grew {
        let below = package.targets.filter { kept.contains($0.name) }.flatMap { $0.dependencies.compactMap(name) }
        grew = !kept.isSuperset(of: below)
        kept.formUnion(below)
    }
    package.targets.removeAll { !kept.contains($0.name) }
}
