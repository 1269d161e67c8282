import Foundation
import WireFormats

/// A value of a file of `Tests/Oracle`.
struct GoldenValue: Sendable {
  /// A characteristic's, or the name of a vendor's layout.
  let uuid: String
  let bytes: [UInt8]

  /// `Tests/Oracle`, beside this folder.
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Oracle")

  static func all(in file: String = "golden.txt") throws -> [GoldenValue] {
    let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    return try text.split(separator: "\n").compactMap { line in
      let words = line.prefix { $0 != "#" }.split(separator: " ")
      guard words.count == 2 else { return nil }
      return GoldenValue(uuid: String(words[0]), bytes: try Hexadecimal.bytes(String(words[1])))
    }
  }
}
