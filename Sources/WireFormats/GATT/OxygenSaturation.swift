/// SpO2 and pulse rate as one way of counting gives them: the SpO2PR fields of the Pulse Oximeter Service (1.0.1 §3.1.1.2,
/// §3.2.1.2–4). Two SFLOAT.
package struct OxygenSaturation: Hashable, Sendable {
  /// Percent of haemoglobin that carries oxygen; NaN when the device has no valid number.
  package let spO2: SFLOAT
  /// Per minute; NaN when the device has no valid number.
  package let pulseRate: SFLOAT

  /// - Parameter field: the name of the field that holds the two, `SpO2PR-Fast`.
  init(from reader: inout ByteReader, in field: String) throws(DecodingFailure) {
    spO2 = try reader.sfloat(field + ": SpO2")
    pulseRate = try reader.sfloat(field + ": PR")
  }

  var members: [JSON.Member] { [.init("spO2", spO2.json), .init("pulseRate", pulseRate.json)] }
}
