package import Devices
import Foundation
package import YAMLDocuments

/// What `vitals check` says about the sessions of profile folders: each `session*.yaml` and its `expected*.yaml`.
package enum SessionCheck {
  /// Everything wrong, folder by folder. A folder without a session is a fault: a profile that nothing replays may say
  /// anything. Blocks on the disk.
  package static func check(_ library: ProfileLibrary) -> [Diagnostic] {
    library.profiles.flatMap { check($0) }
  }

  /// The sessions of one profile's folder, each with its expectation.
  package static func sessions(of profile: DeviceProfile) -> [(session: String, expected: String)] {
    // What a device on a cable says is not played by a peripheral.
    guard !profile.recognition.isWired, let folder = profile.folder,
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    else { return [] }
    return names.filter { $0.hasPrefix("session") && $0.hasSuffix(".yaml") }.sorted()
      .map { ($0, "expected" + $0.dropFirst("session".count)) }
  }

  private static func check(_ profile: DeviceProfile) -> [Diagnostic] {
    guard let folder = profile.folder, !profile.recognition.isWired else { return [] }
    let sessions = sessions(of: profile)
    if sessions.isEmpty {
      return [
        Diagnostic(
          file: folder.appending(path: "session.yaml").path, line: 0, column: 0, field: "",
          message: "there is no such file; a profile needs a session that shows what it reads")
      ]
    }
    var found: [Diagnostic] = []
    for pair in sessions {
      do throws(SessionFileError) {
        let session = try SessionFile(contentsOf: folder.appending(path: pair.session))
        found += recognition(of: session, profile, folder.appending(path: pair.session))
      } catch {
        found += error.diagnostics
      }
      do throws(SessionFileError) {
        _ = try Expectation(contentsOf: folder.appending(path: pair.expected))
      } catch {
        found += error.diagnostics
      }
    }
    return found
  }

  private static func recognition(of session: SessionFile, _ profile: DeviceProfile, _ url: URL) -> [Diagnostic] {
    guard profile.recognition.score(session.advertisement) == nil else { return [] }
    return [
      Diagnostic(
        file: url.path, line: 0, column: 0, field: "advertisement.data",
        message: "is not recognised by \(profile.name): what its profile looks for is not in it")
    ]
  }
}
