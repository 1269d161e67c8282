import Foundation
import Testing

/// The import lines are the architecture (README, *The modules*). Each rule is read from the sources as they stand.
@Suite struct ImportTests {
  static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources")

  /// Which of our modules each module may import.
  static let allowed: [String: Set<String>] = [
    "Observations": [],
    "WireFormats": [],
    "HealthRecords": ["Observations"],
    "AlertRules": ["Observations"],
    "BluetoothLE": ["CBluetooth"],
    "USBHost": ["CLibUSB"],
    "YAMLDocuments": [],
    "Backups": ["CLinux"],
    "Devices": ["Observations", "WireFormats", "BluetoothLE", "USBHost", "YAMLDocuments"],
    "DeviceSimulator": ["Observations", "Devices", "BluetoothLE", "YAMLDocuments"],
    "Store": ["Observations", "AlertRules", "CLinux"],
    "Forwarding": ["Observations", "AlertRules", "HealthRecords", "Store"],
    "LocalAPI": [],
    "LocalServer": ["LocalAPI", "Observations", "AlertRules", "HealthRecords", "Store"],
    "Gateway": [
      "Observations", "WireFormats", "HealthRecords", "AlertRules", "BluetoothLE", "USBHost", "YAMLDocuments",
      "Devices", "DeviceSimulator", "Store", "Forwarding", "LocalAPI", "LocalServer", "CLinux", "Backups",
    ],
    "vitalsd": ["Gateway", "Backups"],
    "vitals": ["LocalAPI", "Backups"],
  ]

  /// Each heavy dependency stands behind one module.
  static let fences: [String: Set<String>] = [
    "GRDB": ["Store"],
    "AsyncHTTPClient": ["Forwarding"],
    "Mustache": ["Forwarding"],
    "Hummingbird": ["LocalServer"],
    "HummingbirdCore": ["LocalServer"],
    "ServiceLifecycle": ["Gateway"],
    "Yams": ["YAMLDocuments"],
    "ArgumentParser": ["vitals", "vitalsd"],
    "CBluetooth": ["BluetoothLE"],
    "CLibUSB": ["USBHost"],
  ]

  struct Import: CustomStringConvertible {
    var file: String
    var module: String
    var imported: String
    var description: String { "\(file) imports \(imported)" }
  }

  static func imports() throws -> [Import] {
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var found: [Import] = []
    for case let file as URL in files where file.pathExtension == "swift" {
      let path = file.path(percentEncoded: false).dropFirst(sources.path(percentEncoded: false).count)
        .trimmingCharacters(in: CharacterSet(charactersIn: "/"))
      let module = String(path.prefix { $0 != "/" })
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let at = words.firstIndex(of: "import"), at <= 2, at + 1 < words.count, !line.hasPrefix("//"),
          words[..<at].allSatisfy({
            $0.hasPrefix("@") || ["package", "internal", "private", "fileprivate", "public"].contains($0)
          })
        else { continue }
        let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias", "let", "var"]
        let name = kinds.contains(words[at + 1]) && at + 2 < words.count ? words[at + 2] : words[at + 1]
        found.append(Import(file: path, module: module, imported: String(name.prefix { $0 != "." })))
      }
    }
    return found
  }

  @Test("a module imports only what it may")
  func direction() throws {
    let imports = try Self.imports()
    #expect(imports.count > 50, "the reader of import lines found too little to mean anything")
    let ours = Set(Self.allowed.keys).union(["CBluetooth", "CLibUSB", "CLinux"])
    for line in imports where ours.contains(line.imported) {
      #expect(Self.allowed[line.module]?.contains(line.imported) == true, "\(line)")
    }
  }

  @Test("a heavy dependency is imported by one module only")
  func fencing() throws {
    for line in try Self.imports() {
      if let allowed = Self.fences[line.imported] { #expect(allowed.contains(line.module), "\(line)") }
    }
  }

  @Test(
    "only the folders Linux touch the C libraries", arguments: [("CBluetooth", "BluetoothLE"), ("CLibUSB", "USBHost")])
  func kernelFolder(library: String, module: String) throws {
    for line in try Self.imports() where line.imported == library {
      #expect(line.file.hasPrefix("\(module)/Linux/"), "\(line)")
    }
  }

  @Test("every folder of Sources is a module that this test knows")
  func modulesAreListed() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path(percentEncoded: false))
    #expect(Set(folders).subtracting(["CBluetooth", "CLibUSB", "CLinux"]) == Set(Self.allowed.keys))
  }

  @Test("nothing is public: this is a program, not a library")
  func packageAccess() throws {
    let files = try #require(FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
    for case let file as URL in files where file.pathExtension == "swift" {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let code = line.trimmingCharacters(in: .whitespaces)
        let words = code.split(separator: " ").prefix(2)
        let declares = [
          "func", "var", "let", "class", "struct", "enum", "init", "actor", "final", "static", "extension",
        ]
        let isOpenToAll =
          words.first == "public" || words.first == "open" && declares.contains(words.last.map(String.init) ?? "")
        #expect(!isOpenToAll, "\(file.lastPathComponent): \(code)")
      }
    }
  }
}
