package import Foundation
package import Observations

/// One reading as an HL7 v2.6 `ORU^R01^ORU_R01` by IHE PCD-01, as Continua's personal health gateways send it: PID, OBR, one
/// OBX for the device and one for each value.
///
/// The same reading, told on the same occasion, gives the same bytes at every attempt, so a receiver that remembers MSH-10
/// takes it once. A reading that is withdrawn is told again under the same OBR-3 and the same OBX-4, each OBX with
/// OBX-11 `W` (*post original as wrong*, table 0085) and without its value.
package struct ObservationReport: Hashable, Sendable {
  /// MSH-10.
  package let controlID: String
  private let segments: [HL7Segment]

  /// - Parameters:
  ///   - occasion: tells apart what is said of one reading at different times: told, withdrawn, told again. Never random.
  ///   - createdAt: MSH-7. The same at every attempt.
  ///   - gateway: who forwards it.
  ///   - naming: the destination's names.
  ///   - timeZone: whose offset times are written with.
  package init(
    _ reading: ObservationForRecord, occasion: String, createdAt: Date, gateway: GatewayDescription,
    naming: HL7v2Naming, timeZone: TimeZone
  ) {
    controlID = Self.controlID(of: reading, occasion: occasion)
    let eui = RecordIdentifier.octets(gateway.systemID, separator: "")
    let isTest = reading.observation.provenance.isSimulated
    let header = HL7Segment(
      "MSH",
      [
        2: #"^~\&"#, 3: HL7Field.components(Self.application, eui, "EUI-64"),
        4: HL7v2Naming.hierarchic(naming.sendingFacility), 5: HL7v2Naming.hierarchic(naming.receivingApplication),
        6: HL7v2Naming.hierarchic(naming.receivingFacility), 7: HL7Field.time(createdAt, in: timeZone),
        9: "ORU^R01^ORU_R01", 10: controlID, 11: isTest ? "T" : "P", 12: "2.6",
        15: naming.asksForCommit ? "AL" : "NE", 16: naming.asksForCommit ? "NE" : "AL", 18: "UNICODE UTF-8",
        21: "IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
      ])
    // The pseudonym and no name: `U` says that the name is not known (IHE PCD TF-2).
    let names =
      [(reading.patient.id.rawValue, naming.assigningAuthority, "PI")]
      + reading.identifiers.map { ($0.number.value, HL7v2Naming.authority($0.system), $0.number.kind.typeCode) }
    let person = HL7Segment(
      "PID",
      [
        // The pseudonym first: each repetition is one CX.
        3: names.map { value, authority, type in
          HL7Field.joined([HL7Field.escaped(value), "", "", authority, type], separator: "^")
        }.joined(separator: "~"),
        5: "^^^^^^U",
      ])
    let effective = reading.observation.effective
    // OBR-8 is no part of the period: a moment is one second long.
    let end = effective.start == effective.end ? effective.end.addingTimeInterval(1) : effective.end
    let order = HL7Field.components(Self.orderNumber(of: reading), Self.application, eui, "EUI-64")
    let request = HL7Segment(
      "OBR",
      [
        1: "1", 2: order, 3: order, 4: "182777000^monitoring of patient^SCT",
        7: HL7Field.time(effective.start, in: timeZone), 8: HL7Field.time(end, in: timeZone),
      ])
    let notes = reading.notes.enumerated().map { index, note in
      HL7Segment("NTE", [1: "\(index + 1)", 2: "L", 3: HL7Field.escaped(note)])
    }
    let results = ReportResults(reading: reading, timeZone: timeZone).lines.enumerated().map { index, line in
      line.segment(index + 1)
    }
    segments = [header, person, request] + notes + results
  }

  /// MSH-3.1, and who gave OBR-2 and OBR-3.
  static let application = "vitals-gateway"

  /// With the end of each segment, 0x0D.
  package var text: String { segments.map { $0.text + "\r" }.joined() }

  /// The text in UTF-8 (MSH-18 `UNICODE UTF-8`).
  package var bytes: [UInt8] { Array(text.utf8) }

  /// OBR-3.1: 32 hexadecimal digits that are the same whenever this reading of this person is spoken of.
  static func orderNumber(of reading: ObservationForRecord) -> String {
    RecordIdentifier.digest(name(of: reading))
  }

  /// 20 hexadecimal digits: HL7 v2.6 allows 199 characters, its versions before 2.6 allowed 20, and receivers still do.
  static func controlID(of reading: ObservationForRecord, occasion: String) -> String {
    String(RecordIdentifier.digest("\(name(of: reading))|\(occasion)").prefix(20)).uppercased()
  }

  private static func name(of reading: ObservationForRecord) -> String {
    reading.observation.identity.rawValue + (reading.namesPatient ? "|\(reading.patient.id)" : "")
  }
}
