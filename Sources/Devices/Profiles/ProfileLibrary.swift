package import Foundation
package import YAMLDocuments

/// The profiles of some directories, each laid out as `<vendor>/<model>/profile.yaml`.
package struct ProfileLibrary: Sendable {
  /// By name.
  package let profiles: [DeviceProfile]

  package init(_ profiles: [DeviceProfile]) {
    self.profiles = profiles.sorted { $0.name < $1.name }
  }

  /// Reads every profile below `directories`. A profile with a fault, and the second of two that would recognise the same
  /// device, is left out and named; the others stand. Blocks on the disk.
  package static func load(_ directories: [URL]) -> (library: ProfileLibrary, diagnostics: [Diagnostic]) {
    var files: [(url: URL, text: String?)] = []
    var diagnostics: [Diagnostic] = []
    for directory in directories {
      do throws(Diagnostic) {
        files += try Self.files(in: directory).map { ($0, nil) }
      } catch {
        diagnostics.append(error)
      }
    }
    let (library, faults) = load(files: files)
    return (library, diagnostics + faults)
  }

  /// The same of files of such directories, in their order.
  ///
  /// - Parameter files: each `<vendor>/<model>/profile.yaml`, and what it holds; nil: it is read.
  package static func load(files: [(url: URL, text: String?)]) -> (library: ProfileLibrary, diagnostics: [Diagnostic]) {
    var profiles: [DeviceProfile] = []
    var diagnostics: [Diagnostic] = []
    let schema: JSONSchema
    do throws(Diagnostic) {
      schema = try ProfileFile.schema()
    } catch {
      return (ProfileLibrary([]), [error])
    }
    for file in files {
      let name = file.url.deletingLastPathComponent().pathComponents.suffix(2).joined(separator: "/")
      let (profile, faults) = ProfileFile.read(file.url, named: name, text: file.text, schema: schema)
      diagnostics += faults
      guard let profile else { continue }
      if let conflict = conflict(of: profile, with: profiles, at: file.url) {
        diagnostics.append(conflict)
      } else {
        profiles.append(profile)
      }
    }
    return (ProfileLibrary(profiles), diagnostics)
  }

  package func profile(named name: String) -> DeviceProfile? { profiles.first { $0.name == name } }

  private static func conflict(of profile: DeviceProfile, with others: [DeviceProfile], at url: URL) -> Diagnostic? {
    for other in others {
      let place = other.folder?.appending(path: "profile.yaml").path ?? other.name
      if other.name == profile.name {
        return Diagnostic(
          file: url.path, line: 0, column: 0, field: "name",
          message: "\(profile.name) is already the name of \(place)")
      }
      if let shared = profile.recognition.tie(with: other.recognition) {
        return Diagnostic(
          file: url.path, line: 0, column: 0, field: "recognise",
          message: "recognises the same device as \(place) (\(shared)); add what tells them apart, a name for example")
      }
    }
    return nil
  }

  /// Each profile's file of a directory, whether or not it is there.
  ///
  /// - Throws: that it cannot be listed.
  package static func files(in directory: URL) throws(Diagnostic) -> [URL] {
    var files: [URL] = []
    for vendor in try folders(in: directory) {
      for model in try folders(in: directory.appending(path: vendor)) {
        files.append(directory.appending(path: vendor).appending(path: model).appending(path: "profile.yaml"))
      }
    }
    return files
  }

  private static func folders(in directory: URL) throws(Diagnostic) -> [String] {
    do {
      // By path: a listing by URL does not go through a directory that is a symbolic link.
      return try FileManager.default.contentsOfDirectory(atPath: directory.path)
        .filter { name in
          guard !name.hasPrefix(".") else { return false }
          var isDirectory: ObjCBool = false
          let path = directory.appending(path: name).path
          return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
        }
        .sorted()
    } catch {
      throw Diagnostic(
        file: directory.path, line: 0, column: 0, field: "",
        message: "cannot be listed; expected folders vendor/model/profile.yaml below it (\(error.localizedDescription))"
      )
    }
  }
}
