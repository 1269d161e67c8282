// swift-tools-version:6.2
import PackageDescription

/// Import lines are the architecture: an import is internal unless it says otherwise, a member is visible only where its
/// module is imported, an existential is written `any`, and a warning stops the build.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

func module(
  _ name: String, _ ours: [String] = [], _ theirs: [Target.Dependency] = [],
  exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
  .target(
    name: name, dependencies: ours.map { .byName(name: $0) } + theirs, exclude: exclude, resources: resources,
    swiftSettings: settings)
}

func tests(_ name: String, _ ours: [String], _ theirs: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .testTarget(
    name: name, dependencies: ours.map { .byName(name: $0) } + theirs, exclude: exclude, swiftSettings: settings)
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
/// SQLite itself, which GRDB stands on.
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")

let package = Package(
  name: "vitals-gateway",
  products: [
    .executable(name: "vitalsd", targets: ["vitalsd"]),
    .executable(name: "vitals", targets: ["vitals"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
  ],
  targets: [
    // Pure: values in, values out.
    module("Observations"),
    module("WireFormats"),
    module("HealthRecords", ["Observations"], [crypto]),
    module("AlertRules", ["Observations"]),

    // The file that a household moves in.
    module("Backups", ["CLinux"], [crypto, cryptoExtras]),

    // The kernel, behind one modulemap.
    .systemLibrary(
      name: "CBluetooth", pkgConfig: "bluez",
      providers: [.apt(["libbluetooth-dev"])]),
    .systemLibrary(name: "CLinux"),
    module("BluetoothLE", ["CBluetooth"]),
    .systemLibrary(
      name: "CLibUSB", pkgConfig: "libusb-1.0",
      providers: [.apt(["libusb-1.0-0-dev"])]),
    module("USBHost", ["CLibUSB"]),

    // YAML with places, behind one module.
    module("YAMLDocuments", [], [yams]),

    // Devices and what plays them.
    module(
      "Devices", ["Observations", "WireFormats", "BluetoothLE", "USBHost", "YAMLDocuments"],
      resources: [.embedInCode("Schemas/profile.schema.json")]),
    module(
      "DeviceSimulator", ["Devices", "BluetoothLE", "YAMLDocuments", "Observations"],
      resources: [.embedInCode("Schemas/session.schema.json"), .embedInCode("Schemas/expected.schema.json")]),

    // Memory and the ways out.
    module("Store", ["Observations", "AlertRules", "CLinux"], [grdb, sqlite, logging, crypto]),
    module(
      "Forwarding", ["Observations", "AlertRules", "HealthRecords", "Store"],
      [httpClient, crypto, cryptoExtras, mustache, nioCore, nioPosix, nioHTTP1, nioSSL, logging], exclude: ["Schemas"]),

    // The household's door.
    module("LocalAPI", [], [nioCore, nioPosix, nioHTTP1]),
    module(
      "LocalServer", ["LocalAPI", "Observations", "AlertRules", "HealthRecords", "Store"],
      [hummingbird, hummingbirdCore, nioCore, nioPosix, logging]),

    // The wiring, and the two programs.
    module(
      "Gateway",
      [
        "Observations", "WireFormats", "HealthRecords", "AlertRules", "BluetoothLE", "USBHost", "Devices",
        "DeviceSimulator", "Store",
        "Forwarding", "LocalAPI", "LocalServer", "YAMLDocuments", "CLinux", "Backups",
      ],
      [lifecycle, unixSignals, logging, nioCore],
      resources: [
        .embedInCode("Configuration/configuration.schema.json"), .embedInCode("Configuration/rules.schema.json"),
        .embedInCode("Configuration/descriptions.vi.json"), .embedInCode("Configuration/Defaults/rules.yaml"),
        .embedInCode("Trying/scenario.schema.json"),
      ]),
    .executableTarget(
      name: "vitalsd", dependencies: ["Gateway", "Backups", arguments, logging], swiftSettings: settings),
    .executableTarget(name: "vitals", dependencies: ["LocalAPI", "Backups", arguments], swiftSettings: settings),

    // What `Tests/Lab/bench.py` measures; no product.
    .executableTarget(
      name: "vitals-bench",
      dependencies: ["Devices", "WireFormats", "USBHost", "BluetoothLE", "Observations", "Store"],
      path: "Tests/Bench", swiftSettings: settings),

    // What `KilledStoryTests` starts and kills; no product.
    .executableTarget(
      name: "vitals-story",
      dependencies: ["Forwarding", "Store", "AlertRules", "HealthRecords", "Observations", logging],
      path: "Tests/Story", swiftSettings: settings),
    // What `make bench` runs in a process of its own.
    .executableTarget(
      name: "RuleBench", dependencies: ["Observations", "AlertRules", "Store", grdb, arguments],
      path: "Tests/RuleBench", swiftSettings: settings),
    // How soon an emergency is told; run by `make bench`.
    .executableTarget(
      name: "CrisisBench",
      dependencies: [
        "Gateway", "Devices", "DeviceSimulator", "BluetoothLE", "Store", "Forwarding", "HealthRecords", "AlertRules",
        "Observations", logging, nioCore,
      ], path: "Tests/CrisisBench", swiftSettings: settings),

    // Committed readings a second; run by `make bench`.
    .executableTarget(
      name: "CommitBench", dependencies: ["Store", "Observations"], path: "Tests/CommitBench", swiftSettings: settings),

    // What a day writes to the disk; run by `make bench`.
    .executableTarget(
      name: "WearBench",
      dependencies: [
        "Gateway", "Devices", "Store", "Forwarding", "HealthRecords", "AlertRules", "Observations", "LocalAPI", logging,
        nioCore,
      ], path: "Tests/WearBench", swiftSettings: settings),

    // Weeks without a way out, and the drain; run by `make bench`.
    .executableTarget(
      name: "WeeksBench",
      dependencies: [
        "Gateway", "Store", "Forwarding", "HealthRecords", "AlertRules", "Observations", logging, nioCore,
      ], path: "Tests/WeeksBench", swiftSettings: settings),

    tests("ObservationsTests", ["Observations"]),
    tests("WireFormatsTests", ["WireFormats"]),
    tests("HealthRecordsTests", ["HealthRecords", "Observations"]),
    tests("AlertRulesTests", ["AlertRules", "Observations"]),
    tests("BluetoothLETests", ["BluetoothLE"]),
    tests("USBHostTests", ["USBHost"]),
    tests(
      "DevicesTests",
      ["Devices", "DeviceSimulator", "Observations", "WireFormats", "BluetoothLE", "USBHost", "YAMLDocuments"],
      exclude: ["Fixtures"]),
    tests("YAMLDocumentsTests", ["YAMLDocuments"]),
    tests("BackupsTests", ["Backups"], exclude: ["Fixtures"]),
    tests("StoreTests", ["Store", "Observations", "AlertRules"], [grdb], exclude: ["Fixtures"]),
    tests(
      "ForwardingTests",
      ["Forwarding", "Gateway", "Devices", "Store", "Observations", "AlertRules", "HealthRecords", "vitals-story"],
      [logging, nioCore, nioEmbedded]),
    tests(
      "LocalServerTests", ["LocalServer", "LocalAPI", "HealthRecords", "Store", "Observations", "AlertRules"],
      [logging, hummingbird, nioCore, nioEmbedded]),
    tests(
      "GatewayTests",
      [
        "Gateway", "Devices", "DeviceSimulator", "Store", "Observations", "AlertRules", "BluetoothLE", "LocalAPI",
        "Forwarding", "HealthRecords", "WireFormats", "YAMLDocuments", "LocalServer", "Backups",
      ], [logging, nioCore], exclude: ["Fixtures"]),
    tests("VitalsTests", ["vitals", "LocalAPI", "Backups"], [arguments]),
    tests("ArchitectureTests", []),
  ],
  swiftLanguageModes: [.v6]
)
