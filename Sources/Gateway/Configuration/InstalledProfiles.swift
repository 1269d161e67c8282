import Foundation

/// Where device profiles lie when the configuration does not say.
package enum InstalledProfiles {
  /// Beside the installed program, then beside a build of a checkout (`.build/debug/vitalsd`). Those that exist; the
  /// first one always, so that an error can name it.
  package static var directories: [String] {
    let existing = (["/etc/vitals/DeviceProfiles"] + ofProgram).filter { FileManager.default.fileExists(atPath: $0) }
    return existing.isEmpty ? [installed] : existing
  }

  private static let installed = "/usr/share/vitals-gateway/DeviceProfiles"

  /// Those that come with the program, whether they exist or not.
  static var ofProgram: [String] {
    var candidates = [installed]
    if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
      var directory = URL(filePath: program).deletingLastPathComponent()
      for _ in 0..<4 {
        directory = directory.deletingLastPathComponent()
        if FileManager.default.fileExists(
          atPath: directory.appending(path: "Package.swift").path(percentEncoded: false))
        {
          candidates.append(directory.appending(path: "DeviceProfiles").path(percentEncoded: false))
        }
      }
    }
    return candidates
  }
}
