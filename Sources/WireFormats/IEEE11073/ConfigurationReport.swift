/// ConfigReport (IEEE 11073-20601 Annex A): the objects of an agent, with the attributes that do not change.
package struct ConfigurationReport: Hashable, Sendable {
  package let id: UInt16
  package let objects: [ConfigurationObject]

  /// The event-info of an MDC_NOTI_CONFIG.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = MDERReader(bytes)
    id = try reader.uint16("ConfigReport.config-report-id")
    objects = try reader.list("ConfigReport.config-obj-list") { (element) throws(DecodingFailure) in
      ConfigurationObject(
        objectClass: try element.uint16("ConfigObject.obj-class"),
        handle: try element.uint16("ConfigObject.obj-handle"),
        attributes: try AttributeList(from: &element, in: "ConfigObject.attributes"))
    }
    try reader.end(after: "ConfigReport.config-obj-list")
  }

  package var json: JSON {
    .object([
      .init("id", .integer(Int(id))),
      .init(
        "objects",
        .array(
          objects.map {
            .object([
              .init("class", .integer(Int($0.objectClass))), .init("handle", .integer(Int($0.handle))),
              .init("attributes", $0.attributes.rawJSON),
            ])
          })),
    ])
  }

  /// ConfigResult: what the manager says to it.
  package enum Result: UInt16, Hashable, Sendable {
    case accepted = 0
    case unsupported = 1
    case standardUnknown = 2
  }

  /// The event-reply-info that answers it (ConfigReportRsp).
  package static func reply(_ id: UInt16, _ result: Result) -> [UInt8] {
    var writer = MDERWriter()
    writer.uint16(id)
    writer.uint16(result.rawValue)
    return writer.bytes
  }
}

/// One object of a configuration.
package struct ConfigurationObject: Hashable, Sendable, Codable {
  /// A term of the object partition: ``ObjectTerm``.
  package let objectClass: UInt16
  package let handle: UInt16
  package let attributes: AttributeList

  package init(objectClass: UInt16, handle: UInt16, attributes: AttributeList) {
    self.objectClass = objectClass
    self.handle = handle
    self.attributes = attributes
  }
}
