/// What both sides tell about themselves when they associate (IEEE 11073-20601 Annex A, PhdAssociationInformation).
package struct AssociationInformation: Hashable, Sendable {
  /// The data-proto-id of these structures.
  package static let protocolID: UInt16 = 20_601
  /// BITS-32; bit 0, the highest, is version 1.
  package let protocolVersion: UInt32
  /// BITS-16; bit 0 is MDER, which every agent has to offer.
  package let encodingRules: UInt16
  package let nomenclatureVersion: UInt32
  package let functionalUnits: UInt32
  /// 0x00800000 for an agent, 0x80000000 for a manager.
  package let systemType: UInt32
  /// An EUI-64, most significant octet first. Eight octets, said by those who keep to the standard.
  package let systemID: [UInt8]
  /// 0x0001–0x3FFF a standard configuration, 0x4000–0x7FFF an extended one; 0 from a manager.
  package let configurationID: UInt16
  package let dataRequestModeFlags: UInt16
  package let agentInitiatedDataRequests: UInt8
  package let managerInitiatedDataRequests: UInt8
  package let options: AttributeList

  package static let mder: UInt16 = 0x8000
  package static let version1: UInt32 = 0x8000_0000
  package static let agent: UInt32 = 0x0080_0000
  package static let manager: UInt32 = 0x8000_0000

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    protocolVersion = try reader.uint32("PhdAssociationInformation.protocol-version")
    encodingRules = try reader.uint16("PhdAssociationInformation.encoding-rules")
    nomenclatureVersion = try reader.uint32("PhdAssociationInformation.nomenclature-version")
    functionalUnits = try reader.uint32("PhdAssociationInformation.functional-units")
    systemType = try reader.uint32("PhdAssociationInformation.system-type")
    systemID = try reader.octetString("PhdAssociationInformation.system-id")
    configurationID = try reader.uint16("PhdAssociationInformation.dev-config-id")
    dataRequestModeFlags = try reader.uint16("PhdAssociationInformation.data-req-mode-flags")
    agentInitiatedDataRequests = try reader.uint8("PhdAssociationInformation.data-req-init-agent-count")
    managerInitiatedDataRequests = try reader.uint8("PhdAssociationInformation.data-req-init-manager-count")
    options = try AttributeList(from: &reader, in: "PhdAssociationInformation.option-list")
    try reader.end(after: "PhdAssociationInformation.option-list")
  }

  /// What a manager answers: version 1, MDER, no functional units, no configuration, no data requests.
  /// - Parameter systemID: the manager's EUI-64, eight octets.
  package init(managerWith systemID: [UInt8]) {
    protocolVersion = Self.version1
    encodingRules = Self.mder
    nomenclatureVersion = Self.version1
    functionalUnits = 0
    systemType = Self.manager
    self.systemID = systemID
    configurationID = 0
    dataRequestModeFlags = 0
    agentInitiatedDataRequests = 0
    managerInitiatedDataRequests = 0
    options = AttributeList([])
  }

  func write(to writer: inout MDERWriter) {
    writer.uint32(protocolVersion)
    writer.uint16(encodingRules)
    writer.uint32(nomenclatureVersion)
    writer.uint32(functionalUnits)
    writer.uint32(systemType)
    writer.measured { $0.octets(systemID) }
    writer.uint16(configurationID)
    writer.uint16(dataRequestModeFlags)
    writer.uint8(agentInitiatedDataRequests)
    writer.uint8(managerInitiatedDataRequests)
    options.write(to: &writer)
  }

  package var json: JSON {
    .object([
      .init("protocolVersion", .integer(Int(protocolVersion))),
      .init("encodingRules", .integer(Int(encodingRules))),
      .init("nomenclatureVersion", .integer(Int(nomenclatureVersion))),
      .init("functionalUnits", .integer(Int(functionalUnits))),
      .init("systemType", .integer(Int(systemType))),
      .init("systemID", .octets(systemID)),
      .init("configurationID", .integer(Int(configurationID))),
      .init("dataRequestModeFlags", .integer(Int(dataRequestModeFlags))),
      .init("agentInitiated", .integer(Int(agentInitiatedDataRequests))),
      .init("managerInitiated", .integer(Int(managerInitiatedDataRequests))),
      .init("options", options.rawJSON),
    ])
  }
}

/// One of the protocols that an agent offers, or the one that a manager chose (DataProto).
package struct DataProtocol: Hashable, Sendable {
  /// 20601, or 65535 for one that a UUID names.
  package let id: UInt16
  /// As sent.
  package let octets: [UInt8]
  /// Nil for another protocol, and where nothing was said: an AARE that rejects.
  package let information: AssociationInformation?

  init(from reader: inout MDERReader) throws(DecodingFailure) {
    id = try reader.uint16("DataProto.data-proto-id")
    var whole = reader
    octets = try whole.octetString("DataProto.data-proto-info")
    var window = try reader.window("DataProto.data-proto-info")
    information =
      id == AssociationInformation.protocolID && window.remaining > 0
      ? try AssociationInformation(from: &window) : nil
  }

  /// The one that is chosen; nil for an AARE that rejects.
  package init(_ information: AssociationInformation?) {
    var writer = MDERWriter()
    information?.write(to: &writer)
    id = information == nil ? 0 : AssociationInformation.protocolID
    octets = writer.bytes
    self.information = information
  }

  func write(to writer: inout MDERWriter) {
    writer.uint16(id)
    writer.measured { $0.octets(octets) }
  }

  package var json: JSON {
    .object([
      .init("id", .integer(Int(id))),
      information.map { .init("information", $0.json) } ?? .init("octets", .octets(octets)),
    ])
  }
}
