/// The payload of an answer to ``ViatomCommand/deviceInformation``, of 60 octets: of it the model, the clock and the serial
/// number.
package struct ViatomDeviceInformation: Hashable, Sendable {
  /// ASCII of at most 8 octets; an octet that is none of it is a `?`.
  package let model: String
  /// What the device's clock shows now, not a date of the firmware.
  package let clock: DateTime
  /// ASCII, likewise.
  package let serialNumber: String

  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)``. What follows the serial number is ignored.
  package init(payload: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(payload)
    _ = try reader.octets(9, "Versions")
    model = Self.text(try reader.octets(8, "Model"))
    _ = try reader.octets(7, "Versions")
    clock = try DateTime(from: &reader, in: "Clock: ")
    _ = try reader.octets(6, "Padding")
    let count = Int(try reader.uint8("Serial Number Length"))
    serialNumber = Self.text(try reader.octets(count, "Serial Number"))
  }

  private static func text(_ octets: [UInt8]) -> String {
    String(decoding: octets.prefix { $0 != 0 }.map { 0x20...0x7E ~= $0 ? $0 : 0x3F }, as: UTF8.self)
  }

  package var json: JSON {
    .object([
      .init("model", .string(model)), .init("clock", clock.json), .init("serialNumber", .string(serialNumber)),
    ])
  }
}
