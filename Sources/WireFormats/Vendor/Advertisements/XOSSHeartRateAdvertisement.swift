/// The heart rate that an XOSS armband advertises in its manufacturer data (company 0xFF04). Four octets, of which the first
/// and the third are not known.
///
/// Source: theengs/decoder.
package struct XOSSHeartRateAdvertisement: Hashable, Sendable {
  /// As the octets 04 FF on the air say it.
  package static let company: UInt16 = 0xFF04

  /// Percent of full, as sent.
  package let battery: UInt8
  /// Beats per minute.
  package let heartRate: UInt8

  /// - Parameter manufacturerData: what follows the company's number.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for any field;
  ///   ``DecodingFailure/trailing(field:offset:count:)`` for `Heart Rate`.
  package init(manufacturerData: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(manufacturerData)
    _ = try reader.uint8("Unknown")
    battery = try reader.uint8("Battery")
    _ = try reader.uint8("Unknown")
    heartRate = try reader.uint8("Heart Rate")
    try reader.end(after: "Heart Rate")
  }

  package var json: JSON {
    .object([.init("battery", .integer(Int(battery))), .init("heartRate", .integer(Int(heartRate)))])
  }
}
