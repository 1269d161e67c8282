import Foundation
import WireFormats

/// A value of `Tests/Oracle/golden.txt`, or of another file there.
struct GoldenValue: Sendable {
  /// Of the characteristic; the name of the format in another file.
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
