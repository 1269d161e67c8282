import Devices
import Foundation

/// What `vitals devices --supported` lists: the device profiles that are installed.
package struct SupportedDevices {
  /// One profile.
  package struct Entry: Hashable, Sendable, Encodable {
    /// `vendor/model`.
    package var name: String
    package var title: String
    package var driver: String
    /// How well a memory map is known: verified, reported or derived; nil for a device that has none.
    package var evidence: String?
    /// It advertises the same as its relatives: a person has to name it, `vitals pair --profile NAME`.
    package var isNamedByPerson: Bool

    private enum CodingKeys: String, CodingKey {
      case name, title, driver, evidence
      case isNamedByPerson = "namedByPerson"
    }
  }

  /// By name.
  package let entries: [Entry]

  /// - Parameter profileDirectories: empty: the installed ones.
  package init(profileDirectories: [String]) {
    let directories = profileDirectories.isEmpty ? InstalledProfiles.directories : profileDirectories
    entries = ProfileLibrary.load(directories.map { URL(filePath: $0) }).library.profiles.map { profile in
      Entry(
        name: profile.name, title: profile.title, driver: profile.driver,
        evidence: (profile.memory?.evidence ?? profile.evidence)?.rawValue,
        isNamedByPerson: profile.recognition.isChosen)
    }.sorted { $0.name < $1.name }
  }

  /// A table; under it what its words mean.
  package func text(isVietnamese: Bool = false) -> String {
    let width = entries.map(\.name.count).max() ?? 0
    let lines = entries.map { entry in
      let name = entry.name.padding(toLength: width, withPad: " ", startingAt: 0)
      let evidence = (entry.evidence ?? "–").padding(toLength: 8, withPad: " ", startingAt: 0)
      return "\(name)  \(evidence)  \(entry.title)\(entry.isNamedByPerson ? "  (--profile)" : "")"
    }
    let legend =
      isVietnamese
      ? [
        "verified: đã có người so kết quả đọc được với màn hình của máy; reported: có người dùng cho biết là đọc được;",
        "derived: suy ra từ máy cùng họ hoặc từ danh mục, chưa biết ai đã đọc thử.",
        "(--profile): phát tín hiệu giống các máy cùng họ; hãy ghép nối bằng: vitals pair --profile TÊN",
      ]
      : [
        "verified: somebody compared what was read with the display; reported: a user says that it reads;",
        "derived: from a relative or a catalogue, and read by nobody known.",
        "(--profile): it looks like its relatives on the air; pair it with: vitals pair --profile NAME",
      ]
    return (lines + [""] + legend).joined(separator: "\n")
  }

  /// A JSON array of ``Entry``.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(entries)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
  }
}
