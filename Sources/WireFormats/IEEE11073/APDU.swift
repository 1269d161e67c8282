/// An application protocol data unit of a personal health device (IEEE 11073-20601 Annex A, ApduType).
package enum APDU: Hashable, Sendable {
  /// AARQ: the agent asks for an association.
  case associationRequest(version: UInt32, protocols: [DataProtocol])
  /// AARE: the manager's answer.
  case associationResponse(result: AssociationResult, DataProtocol)
  /// RLRQ; the reason is 0, normal, or 1, no more configurations, or 2, the configuration changed.
  case releaseRequest(reason: UInt16)
  /// RLRE.
  case releaseResponse(reason: UInt16)
  /// ABRT.
  case abort(reason: AbortReason)
  /// PRST: everything that is said in an association.
  case presentation(DataAPDU)

  /// - Throws: ``DecodingFailure``: the field of Annex A that is missing, forbidden, or longer than it should be.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var outer = MDERReader(bytes)
    let choice = try outer.uint16("APDU.choice")
    guard 0xE200...0xE700 ~= choice, choice & 0xFF == 0 else {
      throw .outOfRange(field: "APDU.choice", offset: 0, value: Int(choice), expected: "0xE200–0xE700")
    }
    var reader = try outer.window("APDU")
    try outer.end(after: "APDU")
    switch choice >> 8 {
    case 0xE2:
      self = .associationRequest(
        version: try reader.uint32("AARQ.assoc-version"),
        protocols: try reader.list("AARQ.data-proto-list") { (element) throws(DecodingFailure) in
          try DataProtocol(from: &element)
        })
      try reader.end(after: "AARQ.data-proto-list")
    case 0xE3:
      self = .associationResponse(
        result: AssociationResult(rawValue: try reader.uint16("AARE.result")), try DataProtocol(from: &reader))
      try reader.end(after: "AARE.selected-data-proto")
    case 0xE4:
      self = .releaseRequest(reason: try reader.uint16("RLRQ.reason"))
      try reader.end(after: "RLRQ.reason")
    case 0xE5:
      self = .releaseResponse(reason: try reader.uint16("RLRE.reason"))
      try reader.end(after: "RLRE.reason")
    case 0xE6:
      self = .abort(reason: AbortReason(rawValue: try reader.uint16("ABRT.reason")))
      try reader.end(after: "ABRT.reason")
    default:
      var content = try reader.window("PRST")
      try reader.end(after: "PRST")
      self = .presentation(try DataAPDU(from: &content))
    }
  }

  /// As it goes to the agent. A manager sends no AARQ; it is written with the version alone.
  package var bytes: [UInt8] {
    var writer = MDERWriter()
    switch self {
    case .associationRequest(let version, let protocols):
      writer.uint16(0xE200)
      writer.measured { content in
        content.uint32(version)
        content.list(protocols) { $1.write(to: &$0) }
      }
    case .associationResponse(let result, let selected):
      writer.uint16(0xE300)
      writer.measured { content in
        content.uint16(result.rawValue)
        selected.write(to: &content)
      }
    case .releaseRequest(let reason):
      writer.uint16(0xE400)
      writer.measured { $0.uint16(reason) }
    case .releaseResponse(let reason):
      writer.uint16(0xE500)
      writer.measured { $0.uint16(reason) }
    case .abort(let reason):
      writer.uint16(0xE600)
      writer.measured { $0.uint16(reason.rawValue) }
    case .presentation(let data):
      writer.uint16(0xE700)
      writer.measured { content in content.measured { data.write(to: &$0) } }
    }
    return writer.bytes
  }

  package var json: JSON {
    switch self {
    case .associationRequest(let version, let protocols):
      .object([
        .init("apdu", .string("AARQ")), .init("associationVersion", .integer(Int(version))),
        .init("protocols", .array(protocols.map(\.json))),
      ])
    case .associationResponse(let result, let selected):
      .object([
        .init("apdu", .string("AARE")), .init("result", .integer(Int(result.rawValue))),
        .init("protocol", selected.json),
      ])
    case .releaseRequest(let reason):
      .object([.init("apdu", .string("RLRQ")), .init("reason", .integer(Int(reason)))])
    case .releaseResponse(let reason):
      .object([.init("apdu", .string("RLRE")), .init("reason", .integer(Int(reason)))])
    case .abort(let reason):
      .object([.init("apdu", .string("ABRT")), .init("reason", .integer(Int(reason.rawValue)))])
    case .presentation(let data):
      .object([.init("apdu", .string("PRST"))] + data.members)
    }
  }
}

/// AssociateResult of Annex A. Others than these may come; an agent that gets one takes it as a rejection.
package struct AssociationResult: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let accepted = AssociationResult(rawValue: 0)
  package static let rejectedPermanent = AssociationResult(rawValue: 1)
  package static let rejectedTransient = AssociationResult(rawValue: 2)
  /// Accepted, and the agent has to send its configuration.
  package static let acceptedUnknownConfiguration = AssociationResult(rawValue: 3)
  package static let rejectedNoCommonProtocol = AssociationResult(rawValue: 4)
  package static let rejectedNoCommonParameter = AssociationResult(rawValue: 5)
  package static let rejectedUnknown = AssociationResult(rawValue: 6)
  package static let rejectedUnauthorized = AssociationResult(rawValue: 7)
  package static let rejectedUnsupportedVersion = AssociationResult(rawValue: 8)
}

/// AbortReason of Annex A.
package struct AbortReason: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let undefined = AbortReason(rawValue: 0)
  package static let bufferOverflow = AbortReason(rawValue: 1)
  package static let responseTimeout = AbortReason(rawValue: 2)
  package static let configurationTimeout = AbortReason(rawValue: 3)
}
