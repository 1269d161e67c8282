/// Which segments of a PM-store an action is about (IEEE 11073-20601 Annex A, SegmSelection).
package enum SegmentSelection: Hashable, Sendable {
  case all
  case instances([UInt16])
  case between(AbsoluteTime, AbsoluteTime)

  package var bytes: [UInt8] {
    var writer = MDERWriter()
    switch self {
    case .all:
      writer.uint16(1)
      writer.measured { $0.uint16(0) }
    case .instances(let instances):
      writer.uint16(2)
      writer.measured { content in content.list(instances) { $0.uint16($1) } }
    case .between(let start, let end):
      writer.uint16(3)
      writer.measured { $0.octets(start.octets + end.octets) }
    }
    return writer.bytes
  }
}

/// One segment of a PM-store and its attributes (SegmentInfo).
package struct SegmentInfo: Hashable, Sendable {
  package let instance: UInt16
  package let attributes: AttributeList

  /// The list that answers MDC_ACT_SEG_GET_INFO.
  package static func list(_ bytes: [UInt8]) throws(DecodingFailure) -> [SegmentInfo] {
    var reader = MDERReader(bytes)
    let list = try reader.list("SegmentInfoList") { (element) throws(DecodingFailure) in
      SegmentInfo(
        instance: try element.uint16("SegmentInfo.seg-inst-no"),
        attributes: try AttributeList(from: &element, in: "SegmentInfo.seg-info"))
    }
    try reader.end(after: "SegmentInfoList")
    return list
  }

  /// How many entries it holds; nil when the agent does not say.
  package var usageCount: UInt32? { attributes.integer(AttributeID.segmentUsageCount) }

  /// Whose entries they are; nil for nobody in particular.
  package var personID: UInt16? {
    attributes.integer(AttributeID.segmentPersonID).flatMap { $0 == 0xFFFF ? nil : UInt16($0) }
  }

  /// How its entries are laid out.
  /// - Throws: ``DecodingFailure`` when it is malformed; nil when it is not there.
  package func entryMap() throws(DecodingFailure) -> SegmentEntryMap? {
    guard case .segmentEntryMap(let map)? = try attributes[AttributeID.segmentEntryMap]?.content() else { return nil }
    return map
  }

  package var json: JSON {
    .object([.init("instance", .integer(Int(instance))), .init("attributes", attributes.rawJSON)])
  }
}

/// A part of a segment's entries, as the agent reports it (SegmentDataEvent).
package struct SegmentDataEvent: Hashable, Sendable {
  package let instance: UInt16
  /// Of the first entry here, from 0.
  package let firstEntry: UInt32
  /// How many entries.
  package let count: UInt32
  /// SegmEvtStatus.
  package let status: UInt16
  /// One after the other, as the segment's entry map lays them out.
  package let entries: [UInt8]

  /// The event-info of an MDC_NOTI_SEGMENT_DATA.
  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = MDERReader(bytes)
    instance = try reader.uint16("SegmDataEventDescr.segm-instance")
    firstEntry = try reader.uint32("SegmDataEventDescr.segm-evt-entry-index")
    count = try reader.uint32("SegmDataEventDescr.segm-evt-entry-count")
    status = try reader.uint16("SegmDataEventDescr.segm-evt-status")
    entries = try reader.octetString("SegmentDataEvent.segm-data-event-entries")
    try reader.end(after: "SegmentDataEvent.segm-data-event-entries")
  }

  /// sevtsta-first-entry.
  package var isFirst: Bool { status & 0x8000 != 0 }
  /// sevtsta-last-entry.
  package var isLast: Bool { status & 0x4000 != 0 }
  /// sevtsta-agent-abort: the agent gives the transfer up.
  package var isAborted: Bool { status & 0x0800 != 0 }

  /// The event-reply-info that confirms it (SegmentDataResult): the same words, and sevtsta-manager-confirm, or
  /// sevtsta-manager-abort, which ends the transfer.
  package func reply(aborting: Bool = false) -> [UInt8] {
    var writer = MDERWriter()
    writer.uint16(instance)
    writer.uint32(firstEntry)
    writer.uint32(count)
    writer.uint16(status & 0xF000 | (aborting ? 0x0008 : 0x0080))
    return writer.bytes
  }

  package var json: JSON {
    .object([
      .init("instance", .integer(Int(instance))), .init("firstEntry", .integer(Int(firstEntry))),
      .init("count", .integer(Int(count))), .init("status", .integer(Int(status))),
      .init("entries", .octets(entries)),
    ])
  }
}

/// What the agent says to a request for a segment (TrigSegmDataXferRsp).
package struct SegmentTransferResponse: Hashable, Sendable {
  package let instance: UInt16
  /// 0 successful, 1 no such segment, 2 try later, 3 empty, 512 other.
  package let result: UInt16

  package init(_ bytes: [UInt8]) throws(DecodingFailure) {
    var reader = MDERReader(bytes)
    instance = try reader.uint16("TrigSegmDataXferRsp.seg-inst-no")
    result = try reader.uint16("TrigSegmDataXferRsp.trig-segm-xfer-rsp")
    try reader.end(after: "TrigSegmDataXferRsp.trig-segm-xfer-rsp")
  }

  /// TrigSegmDataXferReq.
  package static func request(_ instance: UInt16) -> [UInt8] {
    var writer = MDERWriter()
    writer.uint16(instance)
    return writer.bytes
  }
}

/// Set-Time's argument (SetTimeInvoke).
package enum SetTime {
  /// - Parameter accuracy: 0, not known, for want of an NTP figure to name.
  package static func request(_ time: AbsoluteTime) -> [UInt8] {
    var writer = MDERWriter()
    writer.octets(time.octets)
    writer.uint32(0)
    return writer.bytes
  }
}
