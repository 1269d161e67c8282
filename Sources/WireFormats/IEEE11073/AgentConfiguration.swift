/// The objects of one agent under one configuration id: learned once, and remembered by both. A standard configuration is
/// every agent's, and has no system id.
package struct AgentConfiguration: Hashable, Sendable, Codable {
  /// By what it is found again.
  package struct Key: Hashable, Sendable, Codable {
    package var systemID: [UInt8]
    package var id: UInt16

    package init(systemID: [UInt8], id: UInt16) {
      self.systemID = systemID
      self.id = id
    }
  }

  package var key: Key
  package var objects: [ConfigurationObject]

  package init(key: Key, objects: [ConfigurationObject]) {
    self.key = key
    self.objects = objects
  }

  /// Of the ids that a specialisation defines, 0x0001–0x3FFF. 0x4000–0x7FFF are the agent's own.
  package static func isStandard(_ id: UInt16) -> Bool { 0x0001...0x3FFF ~= id }

  /// A configuration that a specialisation defines; nil for one that the agent has to report.
  ///
  /// Only that of a blood-pressure monitor stands here (0x02BC, 11073-10407 §6.4 and Annex H). Every agent can report its
  /// configuration, so that another one costs an APDU, once.
  package static func standard(_ id: UInt16) -> AgentConfiguration? {
    guard id == 0x02BC else { return nil }
    return AgentConfiguration(
      key: Key(systemID: [], id: id),
      objects: [
        ConfigurationObject(
          objectClass: ObjectTerm.numeric, handle: 1,
          attributes: AttributeList([
            Attribute(id: AttributeID.type, value: [0x00, 0x02, 0x4A, 0x04]),
            Attribute(id: AttributeID.metricSpecification, value: [0xF0, 0x40]),
            Attribute(id: AttributeID.metricStructure, value: [0x03, 0x03]),
            Attribute(
              id: AttributeID.metricIDList, value: [0x00, 0x03, 0x00, 0x06, 0x4A, 0x05, 0x4A, 0x06, 0x4A, 0x07]),
            Attribute(id: AttributeID.unitCode, value: [0x0F, 0x20]),
            Attribute(
              id: AttributeID.attributeValueMap,
              value: [0x00, 0x02, 0x00, 0x08, 0x0A, 0x75, 0x00, 0x0A, 0x09, 0x90, 0x00, 0x08]),
          ])),
        ConfigurationObject(
          objectClass: ObjectTerm.numeric, handle: 2,
          attributes: AttributeList([
            Attribute(id: AttributeID.type, value: [0x00, 0x02, 0x48, 0x2A]),
            Attribute(id: AttributeID.metricSpecification, value: [0xF0, 0x40]),
            Attribute(id: AttributeID.unitCode, value: [0x0A, 0xA0]),
            Attribute(
              id: AttributeID.attributeValueMap,
              value: [0x00, 0x02, 0x00, 0x08, 0x0A, 0x4C, 0x00, 0x02, 0x09, 0x90, 0x00, 0x08]),
          ])),
      ])
  }

  /// The handles of its PM-stores.
  package var pmStores: [UInt16] { objects.filter { $0.objectClass == ObjectTerm.pmStore }.map(\.handle) }

  /// Whether there is an object in it that a manager can use: one that measures, or a store.
  package var isUsable: Bool {
    objects.contains { $0.objectClass == ObjectTerm.pmStore || ((try? MetricObject($0)) ?? nil) != nil }
  }

  /// What came of reading a report: a part that is malformed takes nothing from the others.
  package struct Reading: Hashable, Sendable {
    package var measurements: [ObjectMeasurement] = []
    /// Of the scans that could not be read. Offsets are within the scan's values, not within the report.
    package var problems: [DecodingFailure] = []

    package var json: JSON {
      .object([
        .init("measurements", .array(measurements.map(\.json))),
        .init("problems", .array(problems.map { .string($0.field) })),
      ])
    }
  }

  /// The measurements of a report.
  package func read(_ report: ScanReport) -> Reading {
    var reading = Reading()
    for person in report.persons {
      for scan in person.scans {
        do throws(DecodingFailure) {
          reading.measurements.append(try metric(scan.handle).measurement(scan, person: person.id))
        } catch {
          reading.problems.append(error)
        }
      }
    }
    return reading
  }

  private func metric(_ handle: UInt16) throws(DecodingFailure) -> MetricObject {
    guard let object = objects.first(where: { $0.handle == handle }), let metric = try MetricObject(object) else {
      throw .outOfRange(
        field: "ObservationScan.obj-handle", offset: 0, value: Int(handle),
        expected: "the handle of a metric object of the configuration")
    }
    return metric
  }
}

// MARK: The entries of a segment

extension AgentConfiguration {
  /// One entry of a segment: what was measured at one time, by one object or several.
  package struct SegmentEntry: Hashable, Sendable {
    /// From 0, within the segment.
    package let index: UInt32
    /// As sent.
    package let octets: [UInt8]
    package let reading: Reading

    package var json: JSON {
      .object([.init("index", .integer(Int(index))), .init("reading", reading.json)])
    }
  }

  /// The entries that an event brought.
  ///
  /// - Throws: ``DecodingFailure`` when the entries are not of the size and number that the map and the event say: then
  ///   nothing tells where one ends.
  package func entries(
    _ event: SegmentDataEvent, map: SegmentEntryMap, person: UInt16?
  ) throws(DecodingFailure) -> [SegmentEntry] {
    guard map.header & 0x0FFF == 0 else {
      throw .outOfRange(
        field: "PmSegmentEntryMap.segm-entry-header", offset: 0, value: Int(map.header),
        expected: "only times whose length is known, 0x0000–0xF000")
    }
    let times = [(0x8000, 8), (0x4000, 4), (0x2000, 8), (0x1000, 8)]
    var size = times.reduce(0) { Int(map.header) & $1.0 != 0 ? $0 + $1.1 : $0 }
    for element in map.elements { size += element.map.entries.reduce(0) { $0 + Int($1.length) } }
    guard size > 0, UInt64(event.count) * UInt64(size) == UInt64(event.entries.count) else {
      throw .outOfRange(
        field: "SegmDataEventDescr.segm-evt-entry-count", offset: 6, value: Int(event.count),
        expected: "\(event.entries.count) octets of entries of \(size) octets each")
    }
    var reader = MDERReader(event.entries)
    var entries: [SegmentEntry] = []
    for number in 0..<event.count {
      let start = reader.offset
      let reading = try entry(&reader, map, person)
      entries.append(
        SegmentEntry(
          index: event.firstEntry &+ number, octets: Array(event.entries[start..<reader.offset]), reading: reading))
    }
    return entries
  }

  private func entry(
    _ reader: inout MDERReader, _ map: SegmentEntryMap, _ person: UInt16?
  ) throws(DecodingFailure) -> Reading {
    var time = ObjectMeasurement.Time()
    if map.header & 0x8000 != 0 { time.absolute = try AbsoluteTime(from: &reader) }
    if map.header & 0x4000 != 0 { time.relative = try reader.uint32("RelativeTime") }
    if map.header & 0x2000 != 0 { _ = try reader.octets(8, "HighResRelativeTime") }
    if map.header & 0x1000 != 0 { time.baseOffset = try BaseOffsetTime(from: &reader) }
    var reading = Reading()
    for element in map.elements {
      let attributes = try element.map.attributes(from: &reader)
      do throws(DecodingFailure) {
        reading.measurements.append(
          try metric(element.handle).measurement(
            attributes, person: person, time: time, octets: attributes.flatMap(\.value)))
      } catch {
        reading.problems.append(error)
      }
    }
    return reading
  }
}
