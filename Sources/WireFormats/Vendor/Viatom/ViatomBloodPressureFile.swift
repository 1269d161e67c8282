/// The file `bp2nibp.list`: ten octets, and records to its end. It always holds all records, in the order of their places and
/// not of their times.
package struct ViatomBloodPressureFile: Hashable, Sendable {
  /// As sent: perhaps a version and a number of users, and zeros.
  package let header: [UInt8]
  /// Without those of empty places.
  package let records: [ViatomBloodPressureRecord]
  /// How many places are empty: both pressures 0.
  package let emptyPlaces: Int

  /// - Parameter bytes: the whole file, put together from the answers to ``ViatomCommand/read(offset:)``.
  /// - Throws: ``DecodingFailure/truncated(field:offset:need:have:)`` for `Header` or a field of a record,
  ///   `Record 3: Systolic`, counted by places.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    header = try reader.octets(10, "Header")
    var places: [ViatomBloodPressureRecord] = []
    while reader.remaining > 0 {
      places.append(try ViatomBloodPressureRecord(from: &reader, in: "Record \(places.count + 1): "))
    }
    records = places.filter { $0.systolic != 0 || $0.diastolic != 0 }
    emptyPlaces = places.count - records.count
  }

  package var json: JSON {
    .object([
      .init("header", .octets(header)), .init("emptyPlaces", .integer(emptyPlaces)),
      .init("records", .array(records.map(\.json))),
    ])
  }
}
