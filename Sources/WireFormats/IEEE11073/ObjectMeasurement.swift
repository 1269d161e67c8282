/// What one object measured at one time: the attributes that the agent sent, with those of its configuration.
package struct ObjectMeasurement: Hashable, Sendable {
  /// One number with its meaning.
  package struct Component: Hashable, Sendable {
    package let term: NomenclatureTerm
    /// A term of the dimension partition (4); nil when the agent never said it.
    package let unit: UInt16?
    package let number: NumericValue.Number
  }

  /// On the agent's clocks, each as far as it was sent.
  package struct Time: Hashable, Sendable {
    package var absolute: AbsoluteTime?
    package var baseOffset: BaseOffsetTime?
    /// In 1/8 ms since the agent's start.
    package var relative: UInt32?
  }

  package let handle: UInt16
  package let objectClass: UInt16
  package let type: NomenclatureTerm
  /// The agent's number of the person.
  package let person: UInt16?
  package let components: [Component]
  package let enumeration: EnumerationValue?
  /// Of a real-time sample array, as sent.
  package let samples: [UInt8]?
  /// MeasurementStatus of the object, with those of its numbers; 0 when nothing was said.
  package let status: UInt16
  package let time: Time
  /// As sent, after the handle.
  package let octets: [UInt8]

  package var json: JSON {
    var members: [JSON.Member] = [
      .init("handle", .integer(Int(handle))), .init("class", .integer(Int(objectClass))), .init("type", type.json),
      .init("person", person.map { .integer(Int($0)) } ?? .null),
      .init(
        "components",
        .array(
          components.map {
            .object([
              .init("term", $0.term.json), .init("unit", $0.unit.map { .integer(Int($0)) } ?? .null),
              .init("value", $0.number.json),
            ])
          })),
    ]
    if let enumeration { members.append(.init("enumeration", enumeration.json)) }
    if let samples { members.append(.init("samples", .octets(samples))) }
    members.append(.init("status", .integer(Int(status))))
    if let absolute = time.absolute { members.append(.init("time", absolute.json)) }
    if let baseOffset = time.baseOffset { members.append(.init("baseOffsetTime", baseOffset.json)) }
    if let relative = time.relative { members.append(.init("relativeTime", .integer(Int(relative)))) }
    return .object(members)
  }
}

/// MeasurementStatus (20601 Annex A). The highest bit is bit 0.
package enum MeasurementStatus {
  package static let invalid: UInt16 = 0x8000
  package static let questionable: UInt16 = 0x4000
  package static let notAvailable: UInt16 = 0x2000
  package static let calibrationOngoing: UInt16 = 0x1000
  package static let testData: UInt16 = 0x0800
  package static let demoData: UInt16 = 0x0400
  package static let validated: UInt16 = 0x0080
  package static let earlyIndication: UInt16 = 0x0040
  package static let ongoing: UInt16 = 0x0020
}
