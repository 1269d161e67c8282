package import Devices
import Forwarding
import Foundation
package import YAMLDocuments

/// A configuration with all that it names, ready to be run by.
package struct LoadedConfiguration: Sendable {
  package let files: ConfigurationFiles
  package let configuration: Configuration
  package let rules: RuleFiles.Loaded
  package let library: ProfileLibrary
  /// What is wrong with it and kept nothing from being run: profiles that were left out.
  package let faults: [Diagnostic]
  let document: YAMLDocument

  /// Reads `vitalsd.yaml` and what it names.
  ///
  /// - Throws: ``ConfigurationFailure/invalid(_:)`` when it cannot be run by: the configuration, or rules.
  package static func read(path: String) throws(ConfigurationFailure) -> LoadedConfiguration {
    let file: ConfigurationFiles.File
    do throws(Diagnostic) {
      file = try ConfigurationFiles.read(URL(filePath: path))
    } catch {
      throw .invalid([error])
    }
    let (_, configuration) = try document(of: file)
    let (files, unread) = ConfigurationFiles.read(file, naming: configuration)
    let ofRules = unread.filter { fault in
      configuration.rulesDirectory.map { fault.file.hasPrefix($0) } ?? false
    }
    guard ofRules.isEmpty else { throw .invalid(ofRules) }
    return try LoadedConfiguration(files, unread: unread)
  }

  /// - Parameter unread: what could not be read of them.
  /// - Throws: as ``read(path:)``.
  package init(_ files: ConfigurationFiles, unread: [Diagnostic] = []) throws(ConfigurationFailure) {
    self.files = files
    let (document, read) = try Self.document(of: files.configuration)
    self.document = document
    var configuration = read
    rules = try RuleFiles.load(files.rules)
    let (library, faults) = ProfileLibrary.load(
      files: files.profiles.map { (URL(filePath: $0.path), $0.text) })
    self.library = library
    self.faults = unread + faults
    let templates = Dictionary(files.templates.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
    for index in configuration.destinations.indices {
      guard let path = configuration.destinations[index].template?.file else { continue }
      configuration.destinations[index].template?.text = templates[path]
    }
    self.configuration = configuration
  }

  private static func document(
    of file: ConfigurationFiles.File
  ) throws(ConfigurationFailure) -> (YAMLDocument, Configuration) {
    let document: YAMLDocument
    do throws(Diagnostic) {
      document = try YAMLDocument(text: file.text, file: file.path)
    } catch {
      throw .invalid([error])
    }
    return (document, try ConfigurationFile.load(document))
  }

  /// Everything that is wrong with what it names, secrets included, by the disk as it is now: what `vitals check` says, and
  /// what a destination would say when it is first used.
  package func allFaults() -> [Diagnostic] {
    var found = faults + ConfigurationFile.missingFiles(of: document)
    let named = Set(found.map(\.field))
    for (index, settings) in configuration.destinationSettings.enumerated() {
      guard let fault = settings.fault() else { continue }
      let path = FieldPath("destinations").item(index)
      let node = document.root["destinations"]?.items[index]
      let fields = fault.field == "secret-file" ? ["secret-file", "token-file", "credential"] : [fault.field]
      let field = fields.first { node?[$0] != nil } ?? fault.field
      // Said already, with more of what was expected.
      guard !named.contains("\(path.field(field))"), !isOfTemplate(fault) else { continue }
      let hint = field == "credential" ? "; systemd hands credentials over at a start: restart the service" : ""
      found.append(
        document.diagnostic(at: node?[field] ?? node ?? document.root, path.field(field), fault.description + hint))
    }
    return found
  }

  private func isOfTemplate(_ fault: DestinationFault) -> Bool {
    if case .templateWrong = fault { true } else { false }
  }

  /// What differs from `running` and cannot be changed while the process runs.
  func needsRestart(since running: LoadedConfiguration) -> [Diagnostic] {
    let (old, new) = (running.configuration, configuration)
    let places: [(isSame: Bool, path: [String])] = [
      (old.dataDirectory == new.dataDirectory, ["data"]),
      (old.socketPath == new.socketPath, ["socket"]),
      (old.isBluetoothEnabled == new.isBluetoothEnabled, ["bluetooth", "enabled"]),
      (old.isUSBEnabled == new.isUSBEnabled, ["usb", "enabled"]),
      (old.simulation == new.simulation, ["simulation", "enabled"]),
      (old.record == new.record, ["record"]),
      (old.heartbeat == new.heartbeat, ["heartbeat"]),
      (old.storageBudget == new.storageBudget, ["storage", "budget"]),
    ]
    return places.filter { !$0.isSame }.map { place in
      let node = place.path.reduce(document.root) { $0[$1] ?? $0 }
      return document.diagnostic(
        at: node, FieldPath(place.path.joined(separator: ".")),
        "cannot be changed while the service runs; restart it (systemctl restart vitalsd), or put back what it was",
        vi: "không đổi được khi dịch vụ đang chạy; hãy khởi động lại (systemctl restart vitalsd), hoặc trả về như cũ")
    }
  }
}
