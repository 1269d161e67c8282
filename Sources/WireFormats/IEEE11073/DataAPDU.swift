/// What is said in an association: something asked (`roiv`), answered (`rors`), refused (`roer`) or not understood (`rorj`)
/// (IEEE 11073-20601 Annex A, DataApdu).
package struct DataAPDU: Hashable, Sendable {
  /// Ties an answer to its question; chosen by who asks.
  package let invokeID: UInt16
  package let message: Message

  package init(invokeID: UInt16, _ message: Message) {
    self.invokeID = invokeID
    self.message = message
  }

  /// The operations by their place in the object model. A handle of 0 is the MDS.
  package enum Message: Hashable, Sendable {
    case eventReport(EventReport, isConfirmed: Bool)
    /// No attribute named: all of them.
    case get(handle: UInt16, attributes: [UInt16])
    case set(handle: UInt16, [Modification], isConfirmed: Bool)
    case action(Action, isConfirmed: Bool)
    /// `time` is the manager's Relative-Time, or 0xFFFFFFFF for none.
    case eventReportResult(EventReport)
    case getResult(handle: UInt16, AttributeList)
    case setResult(handle: UInt16, AttributeList)
    case actionResult(Action)
    case error(value: UInt16, parameter: [UInt8])
    case reject(problem: RejectProblem)
  }

  /// EventReportArgumentSimple, and EventReportResultSimple, which has the same fields.
  package struct EventReport: Hashable, Sendable {
    package let handle: UInt16
    /// Relative-Time in 1/8 ms, 0xFFFFFFFF for a side that has none.
    package let time: UInt32
    /// A term of the object partition: MDC_NOTI_….
    package let type: UInt16
    package let info: [UInt8]

    package init(handle: UInt16, time: UInt32, type: UInt16, info: [UInt8]) {
      self.handle = handle
      self.time = time
      self.type = type
      self.info = info
    }
  }

  /// ActionArgumentSimple, and ActionResultSimple, which has the same fields.
  package struct Action: Hashable, Sendable {
    package let handle: UInt16
    /// A term of the object partition: MDC_ACT_….
    package let type: UInt16
    package let info: [UInt8]

    package init(handle: UInt16, type: UInt16, info: [UInt8]) {
      self.handle = handle
      self.type = type
      self.info = info
    }
  }

  /// AttributeModEntry.
  package struct Modification: Hashable, Sendable {
    /// 0 replaces, 1 adds values, 2 removes values, 3 sets to the default.
    package let modifier: UInt16
    package let attribute: Attribute
  }

  private enum Choice {
    static let eventReport: UInt16 = 0x0100
    static let confirmedEventReport: UInt16 = 0x0101
    static let get: UInt16 = 0x0103
    static let set: UInt16 = 0x0104
    static let confirmedSet: UInt16 = 0x0105
    static let action: UInt16 = 0x0106
    static let confirmedAction: UInt16 = 0x0107
    static let eventReportResult: UInt16 = 0x0201
    static let getResult: UInt16 = 0x0203
    static let setResult: UInt16 = 0x0205
    static let actionResult: UInt16 = 0x0207
    static let error: UInt16 = 0x0300
    static let reject: UInt16 = 0x0400
  }

  init(from outer: inout MDERReader) throws(DecodingFailure) {
    invokeID = try outer.uint16("DataApdu.invoke-id")
    let at = outer.offset
    let choice = try outer.uint16("DataApdu.choice")
    var reader = try outer.window("DataApdu")
    try outer.end(after: "DataApdu")
    switch choice {
    case Choice.eventReport:
      message = .eventReport(
        try EventReport(from: &reader, in: "EventReportArgument", time: "event-time", info: "event-info"),
        isConfirmed: false)
    case Choice.confirmedEventReport:
      message = .eventReport(
        try EventReport(from: &reader, in: "EventReportArgument", time: "event-time", info: "event-info"),
        isConfirmed: true)
    case Choice.get:
      message = .get(
        handle: try reader.uint16("GetArgument.obj-handle"),
        attributes: try reader.list("GetArgument.attribute-id-list") { (element) throws(DecodingFailure) in
          try element.uint16("OID-Type")
        })
    case Choice.set, Choice.confirmedSet:
      message = .set(
        handle: try reader.uint16("SetArgument.obj-handle"),
        try reader.list("SetArgument.modification-list") { (element) throws(DecodingFailure) in
          Modification(
            modifier: try element.uint16("AttributeModEntry.modify-operator"),
            attribute: try Attribute(from: &element))
        }, isConfirmed: choice == Choice.confirmedSet)
    case Choice.action, Choice.confirmedAction:
      message = .action(
        try Action(from: &reader, in: "ActionArgument"), isConfirmed: choice == Choice.confirmedAction)
    case Choice.eventReportResult:
      message = .eventReportResult(
        try EventReport(from: &reader, in: "EventReportResult", time: "currentTime", info: "event-reply-info"))
    case Choice.getResult:
      message = .getResult(
        handle: try reader.uint16("GetResult.obj-handle"),
        try AttributeList(from: &reader, in: "GetResult.attribute-list"))
    case Choice.setResult:
      message = .setResult(
        handle: try reader.uint16("SetResult.obj-handle"),
        try AttributeList(from: &reader, in: "SetResult.attribute-list"))
    case Choice.actionResult: message = .actionResult(try Action(from: &reader, in: "ActionResult"))
    case Choice.error:
      message = .error(
        value: try reader.uint16("ErrorResult.error-value"),
        parameter: try reader.octetString("ErrorResult.parameter"))
    case Choice.reject:
      message = .reject(problem: RejectProblem(rawValue: try reader.uint16("RejectResult.problem")))
    default:
      throw .outOfRange(
        field: "DataApdu.choice", offset: at, value: Int(choice), expected: "an operation of DataApdu, 0x0100–0x0400")
    }
    try reader.end(after: "DataApdu")
  }

  func write(to writer: inout MDERWriter) {
    writer.uint16(invokeID)
    switch message {
    case .eventReport(let report, let isConfirmed):
      writer.uint16(isConfirmed ? Choice.confirmedEventReport : Choice.eventReport)
      writer.measured { report.write(to: &$0) }
    case .get(let handle, let attributes):
      writer.uint16(Choice.get)
      writer.measured { content in
        content.uint16(handle)
        content.list(attributes) { $0.uint16($1) }
      }
    case .set(let handle, let modifications, let isConfirmed):
      writer.uint16(isConfirmed ? Choice.confirmedSet : Choice.set)
      writer.measured { content in
        content.uint16(handle)
        content.list(modifications) {
          $0.uint16($1.modifier)
          $1.attribute.write(to: &$0)
        }
      }
    case .action(let action, let isConfirmed):
      writer.uint16(isConfirmed ? Choice.confirmedAction : Choice.action)
      writer.measured { action.write(to: &$0) }
    case .eventReportResult(let report):
      writer.uint16(Choice.eventReportResult)
      writer.measured { report.write(to: &$0) }
    case .getResult(let handle, let attributes):
      writer.uint16(Choice.getResult)
      writer.measured { content in
        content.uint16(handle)
        attributes.write(to: &content)
      }
    case .setResult(let handle, let attributes):
      writer.uint16(Choice.setResult)
      writer.measured { content in
        content.uint16(handle)
        attributes.write(to: &content)
      }
    case .actionResult(let action):
      writer.uint16(Choice.actionResult)
      writer.measured { action.write(to: &$0) }
    case .error(let value, let parameter):
      writer.uint16(Choice.error)
      writer.measured { content in
        content.uint16(value)
        content.measured { $0.octets(parameter) }
      }
    case .reject(let problem):
      writer.uint16(Choice.reject)
      writer.measured { $0.uint16(problem.rawValue) }
    }
  }

  var members: [JSON.Member] {
    func handle(_ handle: UInt16) -> JSON.Member { .init("handle", .integer(Int(handle))) }
    func members(_ report: EventReport) -> [JSON.Member] {
      [
        handle(report.handle), .init("time", .integer(Int(report.time))), .init("type", .integer(Int(report.type))),
        .init("info", .octets(report.info)),
      ]
    }
    func members(_ action: Action) -> [JSON.Member] {
      [handle(action.handle), .init("type", .integer(Int(action.type))), .init("info", .octets(action.info))]
    }
    let (name, content): (String, [JSON.Member]) =
      switch message {
      case .eventReport(let report, let isConfirmed):
        ("roiv-\(isConfirmed ? "confirmed-" : "")event-report", members(report))
      case .get(let object, let attributes):
        ("roiv-get", [handle(object), .init("attributes", .array(attributes.map { .integer(Int($0)) }))])
      case .set(let object, let modifications, let isConfirmed):
        (
          "roiv-\(isConfirmed ? "confirmed-" : "")set",
          [
            handle(object),
            .init(
              "modifications",
              .array(
                modifications.map {
                  .object([.init("operator", .integer(Int($0.modifier)))] + $0.attribute.rawMembers)
                })),
          ]
        )
      case .action(let action, let isConfirmed):
        ("roiv-\(isConfirmed ? "confirmed-" : "")action", members(action))
      case .eventReportResult(let report): ("rors-confirmed-event-report", members(report))
      case .getResult(let object, let attributes):
        ("rors-get", [handle(object), .init("attributes", attributes.rawJSON)])
      case .setResult(let object, let attributes):
        ("rors-confirmed-set", [handle(object), .init("attributes", attributes.rawJSON)])
      case .actionResult(let action): ("rors-confirmed-action", members(action))
      case .error(let value, let parameter):
        ("roer", [.init("value", .integer(Int(value))), .init("parameter", .octets(parameter))])
      case .reject(let problem): ("rorj", [.init("problem", .integer(Int(problem.rawValue)))])
      }
    return [.init("invokeID", .integer(Int(invokeID))), .init("message", .string(name))] + content
  }
}

extension DataAPDU.EventReport {
  fileprivate init(
    from reader: inout MDERReader, in structure: String, time timeName: String, info infoName: String
  ) throws(DecodingFailure) {
    handle = try reader.uint16(structure + ".obj-handle")
    time = try reader.uint32(structure + "." + timeName)
    type = try reader.uint16(structure + ".event-type")
    info = try reader.octetString(structure + "." + infoName)
  }

  fileprivate func write(to writer: inout MDERWriter) {
    writer.uint16(handle)
    writer.uint32(time)
    writer.uint16(type)
    writer.measured { $0.octets(info) }
  }
}

extension DataAPDU.Action {
  fileprivate init(from reader: inout MDERReader, in structure: String) throws(DecodingFailure) {
    handle = try reader.uint16(structure + ".obj-handle")
    type = try reader.uint16(structure + ".action-type")
    info = try reader.octetString(structure + ".action-info-args")
  }

  fileprivate func write(to writer: inout MDERWriter) {
    writer.uint16(handle)
    writer.uint16(type)
    writer.measured { $0.octets(info) }
  }
}

/// RorjProblem of Annex A: why an APDU could not be taken.
package struct RejectProblem: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  package static let unrecognizedAPDU = RejectProblem(rawValue: 0)
  package static let badlyStructuredAPDU = RejectProblem(rawValue: 2)
  package static let unrecognizedOperation = RejectProblem(rawValue: 101)
  package static let resourceLimitation = RejectProblem(rawValue: 103)
  package static let unexpectedError = RejectProblem(rawValue: 303)
}

/// RoerErrorValue of Annex A: why an operation was not done.
package enum OperationError {
  package static let noSuchObjectInstance: UInt16 = 1
  package static let accessDenied: UInt16 = 2
  package static let noSuchAction: UInt16 = 9
  package static let invalidObjectInstance: UInt16 = 17
  package static let protocolViolation: UInt16 = 23
  package static let notAllowedByObject: UInt16 = 24
  package static let actionTimedOut: UInt16 = 25
  package static let actionAborted: UInt16 = 26
}
