/// What an event report of measurements holds, in each of its four forms (IEEE 11073-20601 Annex A: ScanReportInfoFixed,
/// -Var, -MPFixed, -MPVar).
package struct ScanReport: Hashable, Sendable {
  package enum Form: Sendable, CaseIterable {
    case fixed, variable, multiPersonFixed, multiPersonVariable

    /// By the event's type; nil for an event that reports no measurements.
    package init?(eventType: UInt16) {
      switch eventType {
      case ObjectTerm.scanReportFixed: self = .fixed
      case ObjectTerm.scanReportVariable: self = .variable
      case ObjectTerm.scanReportMultiPersonFixed: self = .multiPersonFixed
      case ObjectTerm.scanReportMultiPersonVariable: self = .multiPersonVariable
      default: return nil
      }
    }
  }

  /// What was observed of one object.
  package struct Scan: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
      /// As the object's Attribute-Value-Map lays it out.
      case fixed([UInt8])
      case variable(AttributeList)
    }

    package let handle: UInt16
    package let content: Content
    /// Those of the scan as sent, after the handle.
    package let octets: [UInt8]
  }

  /// What was observed of one person.
  package struct Person: Hashable, Sendable {
    /// The agent's number of the person; nil in a report that knows no persons, and for 0xFFFF, unknown.
    package let id: UInt16?
    package let scans: [Scan]
  }

  /// 0xF000 when the agent sent it by itself.
  package let requestID: UInt16
  /// Counts the reports of a request.
  package let number: UInt16
  package let persons: [Person]

  /// - Parameter bytes: the event-info.
  package init(_ bytes: [UInt8], form: Form) throws(DecodingFailure) {
    var reader = MDERReader(bytes)
    requestID = try reader.uint16("ScanReportInfo.data-req-id")
    number = try reader.uint16("ScanReportInfo.scan-report-no")
    let isFixed = form == .fixed || form == .multiPersonFixed
    switch form {
    case .fixed, .variable:
      persons = [Person(id: nil, scans: try Self.scans(&reader, bytes, isFixed: isFixed))]
    case .multiPersonFixed, .multiPersonVariable:
      persons = try reader.list("ScanReportInfo.scan-per") { (element) throws(DecodingFailure) in
        let id = try element.uint16("ScanReportPer.person-id")
        return Person(id: id == 0xFFFF ? nil : id, scans: try Self.scans(&element, bytes, isFixed: isFixed))
      }
    }
    try reader.end(after: "ScanReportInfo")
  }

  private static func scans(
    _ reader: inout MDERReader, _ bytes: [UInt8], isFixed: Bool
  ) throws(DecodingFailure) -> [Scan] {
    try reader.list("ObservationScanList") { (element) throws(DecodingFailure) in
      let handle = try element.uint16("ObservationScan.obj-handle")
      let start = element.offset
      let content: Scan.Content =
        isFixed
        ? .fixed(try element.octetString("ObservationScanFixed.obs-val-data"))
        : .variable(try AttributeList(from: &element, in: "ObservationScan.attributes"))
      return Scan(handle: handle, content: content, octets: Array(bytes[start..<element.offset]))
    }
  }

  package var json: JSON {
    .object([
      .init("requestID", .integer(Int(requestID))), .init("number", .integer(Int(number))),
      .init(
        "persons",
        .array(
          persons.map {
            .object([
              .init("id", $0.id.map { .integer(Int($0)) } ?? .null), .init("scans", .array($0.scans.map(\.json))),
            ])
          })),
    ])
  }
}

extension ScanReport.Scan {
  fileprivate var json: JSON {
    let value: JSON.Member =
      switch content {
      case .fixed(let octets): .init("octets", .octets(octets))
      case .variable(let list): .init("attributes", list.rawJSON)
      }
    return .object([.init("handle", .integer(Int(handle))), value])
  }
}
