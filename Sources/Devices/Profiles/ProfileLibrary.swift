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
    var profiles: [DeviceProfile] = []
    var diagnostics: [Diagnostic] = []
    let schema: JSONSchema
    do throws(Diagnostic) {
      schema = try ProfileFile.schema()
    } catch {
      return (ProfileLibrary([]), [error])
    }
    for directory in directories {
      let files: [(url: URL, name: String)]
      do throws(Diagnostic) {
        files = try profileFiles(in: directory)
      } catch {
        diagnostics.append(error)
        continue
      }
      for file in files {
        let (profile, faults) = ProfileFile.read(file.url, named: file.name, schema: schema)
        diagnostics += faults
        guard let profile else { continue }
        if let conflict = conflict(of: profile, with: profiles, at: file.url) {
          diagnostics.append(conflict)
        } else {
          profiles.append(profile)
        }
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

  private static func profileFiles(in directory: URL) throws(Diagnostic) -> [(url: URL, name: String)] {
    var files: [(URL, String)] = []
    for vendor in try folders(in: directory) {
      for model in try folders(in: directory.appending(path: vendor)) {
        let url = directory.appending(path: vendor).appending(path: model).appending(path: "profile.yaml")
        files.append((url, vendor + "/" + model))
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
