/// A report of an Omron cuff with the USB identifiers 0590:0090: the report's number, and behind it one ``OmronFrame``, as
/// over Bluetooth. Source: LazyT/obpm, `usb.cpp`.
package enum OmronEEPROMReport {
  /// What a report to the cuff begins with. What the cuff's own begin with is not known, and nothing depends on it.
  package static let number: UInt8 = 0x02
  /// The most octets of a report.
  package static let size = 64
  /// What obpm sends in the place of ``OmronFrame/end`` where it gives up.
  package static let abort: [UInt8] = [number, 0x08, 0x0F, 0x0F, 0x0F, 0x0F, 0x00, 0x00, 0x08]

  /// The report that carries a command; no octet follows it.
  package static func report(_ frame: OmronFrame) -> [UInt8] { [number] + frame.bytes }

  /// The frame in a report of the cuff. What follows it is padding.
  ///
  /// - Throws: ``DecodingFailure`` naming `Report Number` or `Frame`, or a field as ``OmronFrame/init(_:)`` does.
  package static func frame(_ report: [UInt8]) throws(DecodingFailure) -> OmronFrame {
    var reader = ByteReader(report)
    _ = try reader.uint8("Report Number")
    let length = Int(try reader.uint8("Length"))
    guard report.count <= size else { throw .trailing(field: "Frame", offset: size, count: report.count - size) }
    guard length >= OmronFrame.overhead else {
      throw .outOfRange(field: "Length", offset: 1, value: length, expected: "8–63 octets")
    }
    let rest = try reader.octets(length - 1, "Frame")
    return try OmronFrame([UInt8(length)] + rest)
  }
}
