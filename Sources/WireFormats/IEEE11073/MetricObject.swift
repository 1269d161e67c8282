/// A numeric, enumeration or sample-array object of a configuration, ready to give its values their meaning.
struct MetricObject {
  let object: ConfigurationObject
  let type: NomenclatureTerm
  let valueMap: AttributeValueMap?

  /// Nil for an object of another class.
  init?(_ object: ConfigurationObject) throws(DecodingFailure) {
    switch object.objectClass {
    case ObjectTerm.numeric, ObjectTerm.enumeration, ObjectTerm.realTimeSampleArray: break
    default: return nil
    }
    guard case .type(let type)? = try object.attributes[AttributeID.type]?.content() else {
      throw .truncated(field: "ConfigObject.attributes: Type", offset: 0, need: 1, have: 0)
    }
    self.object = object
    self.type = type
    if case .valueMap(let map)? = try object.attributes[AttributeID.attributeValueMap]?.content() {
      valueMap = map
    } else {
      valueMap = nil
    }
  }

  func measurement(_ scan: ScanReport.Scan, person: UInt16?) throws(DecodingFailure) -> ObjectMeasurement {
    switch scan.content {
    case .variable(let list):
      return try measurement(list.attributes, person: person, time: .init(), octets: scan.octets)
    case .fixed(let octets):
      guard let valueMap else {
        throw .truncated(field: "ConfigObject.attributes: Attribute-Value-Map", offset: 0, need: 1, have: 0)
      }
      var reader = MDERReader(octets)
      let attributes = try valueMap.attributes(from: &reader)
      try reader.end(after: "ObservationScanFixed.obs-val-data")
      return try measurement(attributes, person: person, time: .init(), octets: scan.octets)
    }
  }

  /// - Parameter time: what is known of it already; an attribute of the object itself says more.
  func measurement(
    _ attributes: [Attribute], person: UInt16?, time: ObjectMeasurement.Time, octets: [UInt8]
  ) throws(DecodingFailure) -> ObjectMeasurement {
    // What is sent with the value stands before what the configuration said.
    let sent = AttributeList(attributes)
    let all = AttributeList(attributes + object.attributes.attributes)
    let unit = all.integer(AttributeID.unitCode).map { UInt16(truncatingIfNeeded: $0) }
    let partition = all.integer(AttributeID.metricIDPartition).map { UInt16(truncatingIfNeeded: $0) } ?? type.partition
    let terms = metricTerms(all, partition)
    var time = time
    var components: [ObjectMeasurement.Component] = []
    var enumeration: EnumerationValue?
    var samples: [UInt8]?
    var status: UInt16 = 0
    for attribute in sent.attributes {
      switch (attribute.id, try attribute.content()) {
      case (_, .numbers(let numbers)):
        for (index, number) in numbers.enumerated() {
          let said = number.description
          let term =
            said.map { NomenclatureTerm(partition: partition, code: $0.metricID) }
            ?? (index < terms.count ? terms[index] : type)
          components.append(.init(term: term, unit: said?.unit ?? unit, number: number.number))
          status |= said?.state ?? 0
        }
      case (_, .enumeration(let value)):
        enumeration = value
        status |= value.description?.state ?? 0
      case (AttributeID.sampleArray, .octets(let octets)): samples = octets
      case (AttributeID.measurementStatus, .integer(let bits)): status |= UInt16(truncatingIfNeeded: bits)
      case (AttributeID.timeStamp, .time(let stamp)): time.absolute = stamp
      case (AttributeID.baseOffsetTimeStamp, .baseOffsetTime(let stamp)): time.baseOffset = stamp
      case (AttributeID.relativeTimeStamp, .integer(let stamp)): time.relative = stamp
      default: break
      }
    }
    return ObjectMeasurement(
      handle: object.handle, objectClass: object.objectClass, type: type, person: person, components: components,
      enumeration: enumeration, samples: samples, status: status, time: time, octets: octets)
  }

  /// What the numbers mean, in their order: Metric-Id-List of a compound, Metric-Id, else the object's type (20601 §6.3.3).
  private func metricTerms(_ all: AttributeList, _ partition: UInt16) -> [NomenclatureTerm] {
    if case .terms(let codes)? = try? all[AttributeID.metricIDList]?.content(), !codes.isEmpty {
      return codes.map { NomenclatureTerm(partition: partition, code: $0) }
    }
    if let code = all.integer(AttributeID.metricID) {
      return [NomenclatureTerm(partition: partition, code: UInt16(truncatingIfNeeded: code))]
    }
    return [type]
  }
}
