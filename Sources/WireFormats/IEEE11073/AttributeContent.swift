/// What an attribute means (IEEE 11073-20601 §6.3 and Annex A).
package enum AttributeContent: Hashable, Sendable {
  /// A number, a set of bits, or a Relative-Time.
  case integer(UInt32)
  /// A list of terms of the partition that the object's type is of.
  case terms([UInt16])
  case type(NomenclatureTerm)
  case types([NomenclatureTerm])
  case time(AbsoluteTime)
  case baseOffsetTime(BaseOffsetTime)
  /// The octets of a string, or of an attribute that is not known here.
  case octets([UInt8])
  case systemModel(manufacturer: [UInt8], modelNumber: [UInt8])
  case productionSpecification([ProductionEntry])
  case specialisations([Specialisation])
  case timeInformation(TimeInformation)
  case battery(FLOAT, unit: UInt16)
  case certification([Certificate])
  case valueMap(AttributeValueMap)
  case segmentEntryMap(SegmentEntryMap)
  case metricStructure(kind: UInt8, components: UInt8)
  /// One number, or those of a compound in the order of the object's metric ids.
  case numbers([NumericValue])
  case enumeration(EnumerationValue)

  /// ProdSpecEntry.
  package struct ProductionEntry: Hashable, Sendable {
    /// 1 serial number, 2 part number, 3 hardware, 4 software, 5 firmware, 6 protocol revision, 7 GMDN.
    package let type: UInt16
    package let component: UInt16
    package let text: [UInt8]
  }

  /// TypeVer: a device specialisation by its term of the infrastructure partition (4103 is blood pressure), and version.
  package struct Specialisation: Hashable, Sendable {
    package let type: UInt16
    package let version: UInt16
  }

  /// RegCertData, whose inside is Continua's matter.
  package struct Certificate: Hashable, Sendable {
    package let body: UInt8
    package let structure: UInt8
    package let octets: [UInt8]
  }

  /// MdsTimeInfo.
  package struct TimeInformation: Hashable, Sendable {
    /// MdsTimeCapState; see ``hasClock`` and its neighbours.
    package let state: UInt16
    package let syncProtocol: UInt16
    /// In 1/8 ms; 0xFFFFFFFF when not known.
    package let syncAccuracy: UInt32
    /// In 1/100 s; 0xFFFF when not known.
    package let absoluteResolution: UInt16
    /// In 1/8 ms.
    package let relativeResolution: UInt16
    /// In µs.
    package let highResolution: UInt32

    /// mds-time-capab-real-time-clock: Date-and-Time is there.
    package var hasClock: Bool { state & 0x8000 != 0 }
    /// mds-time-capab-set-clock: Set-Time is understood.
    package var canBeSet: Bool { state & 0x4000 != 0 }
    /// mds-time-capab-relative-time: Relative-Time is there.
    package var hasRelativeTime: Bool { state & 0x2000 != 0 }
    /// mds-time-mgr-set-time: the agent asks to be set.
    package var asksToBeSet: Bool { state & 0x0010 != 0 }
  }
}

extension Attribute {
  private enum Layout {
    case uint16, uint32, octetString, term, terms, types, time, baseOffsetTime, model, production, specialisations,
      timeInformation, battery, certification, valueMap, segmentEntryMap, metricStructure, basic, simple, full,
      compoundBasic, compoundSimple, compoundFull, enumeration, simpleTerm, simpleString, bits32, bits16
  }

  private static let layouts: [UInt16: Layout] = [
    AttributeID.confirmTimeout: .uint32, AttributeID.instanceNumber: .uint16, AttributeID.systemModel: .model,
    AttributeID.metricID: .uint16, AttributeID.productionSpecification: .production, AttributeID.type: .term,
    AttributeID.storeCapacityCount: .uint32, AttributeID.storeSampleAlgorithm: .uint16,
    AttributeID.storeUsageCount: .uint32, AttributeID.measurementStatus: .uint16,
    AttributeID.compoundValue: .compoundFull, AttributeID.value: .full, AttributeID.numberOfSegments: .uint16,
    AttributeID.operationalState: .uint16, AttributeID.powerStatus: .uint16, AttributeID.segmentUsageCount: .uint32,
    AttributeID.systemID: .octetString, AttributeID.systemType: .term, AttributeID.dateAndTime: .time,
    AttributeID.remainingBatteryTime: .battery, AttributeID.segmentEndTime: .time, AttributeID.samplePeriod: .uint32,
    AttributeID.relativeTime: .uint32, AttributeID.timeStamp: .time, AttributeID.relativeTimeStamp: .uint32,
    AttributeID.segmentStartTime: .time, AttributeID.unitCode: .uint16, AttributeID.batteryLevel: .uint16,
    AttributeID.enumerationValue: .enumeration, AttributeID.configurationID: .uint16,
    AttributeID.timeInformation: .timeInformation, AttributeID.metricSpecification: .uint16,
    AttributeID.sampleArray: .octetString, AttributeID.simpleOIDValue: .simpleTerm,
    AttributeID.simpleStringValue: .simpleString, AttributeID.certification: .certification,
    AttributeID.basicValue: .basic, AttributeID.pmStoreCapabilities: .uint16,
    AttributeID.segmentEntryMap: .segmentEntryMap, AttributeID.segmentPersonID: .uint16,
    AttributeID.attributeValueMap: .valueMap, AttributeID.simpleValue: .simple,
    AttributeID.specialisations: .specialisations, AttributeID.metricIDPartition: .uint16,
    AttributeID.supplementalTypes: .types, AttributeID.clearTimeout: .uint32, AttributeID.transferTimeout: .uint32,
    AttributeID.simpleBitStringValue: .bits32, AttributeID.basicBitStringValue: .bits16,
    AttributeID.metricStructure: .metricStructure, AttributeID.compoundSimpleValue: .compoundSimple,
    AttributeID.compoundBasicValue: .compoundBasic, AttributeID.metricIDList: .terms,
    AttributeID.baseOffsetTime: .baseOffsetTime, AttributeID.baseOffsetTimeStamp: .baseOffsetTime,
    AttributeID.segmentStartBaseOffsetTime: .baseOffsetTime, AttributeID.segmentEndBaseOffsetTime: .baseOffsetTime,
  ]

  /// What the octets mean; those of an attribute that is not known here stand for themselves.
  /// - Throws: ``DecodingFailure``, with offsets within the attribute's value.
  package func content() throws(DecodingFailure) -> AttributeContent {
    guard let layout = Self.layouts[id] else { return .octets(value) }
    var reader = MDERReader(value)
    let content = try Self.content(layout, &reader)
    try reader.end(after: "attribute-value")
    return content
  }

  private static func content(
    _ layout: Layout, _ reader: inout MDERReader
  ) throws(DecodingFailure) -> AttributeContent {
    switch layout {
    case .uint16: return .integer(UInt32(try reader.uint16("attribute-value")))
    case .uint32: return .integer(try reader.uint32("attribute-value"))
    case .octetString: return .octets(try reader.octetString("attribute-value"))
    case .term: return .type(try NomenclatureTerm(from: &reader))
    case .terms:
      return .terms(
        try reader.list("MetricIdList") { (element) throws(DecodingFailure) in try element.uint16("OID-Type") })
    case .types:
      return .types(
        try reader.list("SupplementalTypeList") { (element) throws(DecodingFailure) in
          try NomenclatureTerm(from: &element)
        })
    case .time: return .time(try AbsoluteTime(from: &reader))
    case .baseOffsetTime: return .baseOffsetTime(try BaseOffsetTime(from: &reader))
    case .model:
      return .systemModel(
        manufacturer: try reader.octetString("SystemModel.manufacturer"),
        modelNumber: try reader.octetString("SystemModel.model-number"))
    case .production:
      return .productionSpecification(
        try reader.list("ProductionSpec") { (element) throws(DecodingFailure) in
          AttributeContent.ProductionEntry(
            type: try element.uint16("ProdSpecEntry.spec-type"),
            component: try element.uint16("ProdSpecEntry.component-id"),
            text: try element.octetString("ProdSpecEntry.prod-spec"))
        })
    case .specialisations:
      return .specialisations(
        try reader.list("TypeVerList") { (element) throws(DecodingFailure) in
          AttributeContent.Specialisation(
            type: try element.uint16("TypeVer.type"), version: try element.uint16("TypeVer.version"))
        })
    case .timeInformation:
      return .timeInformation(
        AttributeContent.TimeInformation(
          state: try reader.uint16("MdsTimeInfo.mds-time-cap-state"),
          syncProtocol: try reader.uint16("MdsTimeInfo.time-sync-protocol"),
          syncAccuracy: try reader.uint32("MdsTimeInfo.time-sync-accuracy"),
          absoluteResolution: try reader.uint16("MdsTimeInfo.time-resolution-abs-time"),
          relativeResolution: try reader.uint16("MdsTimeInfo.time-resolution-rel-time"),
          highResolution: try reader.uint32("MdsTimeInfo.time-resolution-high-res-time")))
    case .battery:
      return .battery(try reader.float("BatMeasure.value"), unit: try reader.uint16("BatMeasure.unit"))
    case .certification:
      return .certification(
        try reader.list("RegCertDataList") { (element) throws(DecodingFailure) in
          AttributeContent.Certificate(
            body: try element.uint8("RegCertData.auth-body"),
            structure: try element.uint8("RegCertData.auth-body-struc-type"),
            octets: try element.octetString("RegCertData.auth-body-data"))
        })
    case .valueMap: return .valueMap(try AttributeValueMap(from: &reader))
    case .segmentEntryMap: return .segmentEntryMap(try SegmentEntryMap(from: &reader))
    case .metricStructure:
      return .metricStructure(
        kind: try reader.uint8("MetricStructureSmall.ms-struct"),
        components: try reader.uint8("MetricStructureSmall.ms-comp-no"))
    case .basic: return .numbers([NumericValue(basic: try reader.sfloat("BasicNuObsValue"))])
    case .simple: return .numbers([NumericValue(simple: try reader.float("SimpleNuObsValue"))])
    case .full: return .numbers([try NumericValue(from: &reader)])
    case .compoundBasic:
      return .numbers(
        try reader.list("BasicNuObsValueCmp") { (element) throws(DecodingFailure) in
          NumericValue(basic: try element.sfloat("BasicNuObsValue"))
        })
    case .compoundSimple:
      return .numbers(
        try reader.list("SimpleNuObsValueCmp") { (element) throws(DecodingFailure) in
          NumericValue(simple: try element.float("SimpleNuObsValue"))
        })
    case .compoundFull:
      return .numbers(
        try reader.list("NuObsValueCmp") { (element) throws(DecodingFailure) in try NumericValue(from: &element) })
    case .enumeration: return .enumeration(try EnumerationValue(from: &reader))
    case .simpleTerm: return .enumeration(EnumerationValue(.term(try reader.uint16("OID-Type"))))
    case .simpleString:
      return .enumeration(EnumerationValue(.text(try reader.octetString("EnumPrintableString"))))
    case .bits32: return .enumeration(EnumerationValue(.bits(try reader.uint32("BITS-32"))))
    case .bits16: return .enumeration(EnumerationValue(.bits(UInt32(try reader.uint16("BITS-16")))))
    }
  }
}

extension AttributeContent {
  package var json: JSON {
    switch self {
    case .integer(let number): .integer(Int(number))
    case .terms(let terms): .array(terms.map { .integer(Int($0)) })
    case .type(let term): term.json
    case .types(let terms): .array(terms.map(\.json))
    case .time(let time): time.json
    case .baseOffsetTime(let time): time.json
    case .octets(let octets): .octets(octets)
    case .systemModel(let manufacturer, let modelNumber):
      .object([.init("manufacturer", .octets(manufacturer)), .init("modelNumber", .octets(modelNumber))])
    case .productionSpecification(let entries):
      .array(
        entries.map {
          .object([
            .init("type", .integer(Int($0.type))), .init("component", .integer(Int($0.component))),
            .init("text", .octets($0.text)),
          ])
        })
    case .specialisations(let list):
      .array(
        list.map {
          .object([.init("type", .integer(Int($0.type))), .init("version", .integer(Int($0.version)))])
        })
    case .timeInformation(let information):
      .object([
        .init("state", .integer(Int(information.state))),
        .init("syncProtocol", .integer(Int(information.syncProtocol))),
        .init("syncAccuracy", .integer(Int(information.syncAccuracy))),
        .init("absoluteResolution", .integer(Int(information.absoluteResolution))),
        .init("relativeResolution", .integer(Int(information.relativeResolution))),
        .init("highResolution", .integer(Int(information.highResolution))),
      ])
    case .battery(let value, let unit): .object([.init("value", value.json), .init("unit", .integer(Int(unit)))])
    case .certification(let list):
      .array(
        list.map {
          .object([
            .init("body", .integer(Int($0.body))), .init("structure", .integer(Int($0.structure))),
            .init("octets", .octets($0.octets)),
          ])
        })
    case .valueMap(let map): map.json
    case .segmentEntryMap(let map): map.json
    case .metricStructure(let kind, let components):
      .object([.init("kind", .integer(Int(kind))), .init("components", .integer(Int(components)))])
    case .numbers(let numbers): .array(numbers.map(\.json))
    case .enumeration(let value): value.json
    }
  }
}
