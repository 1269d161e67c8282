package import WireFormats

/// What the caller tells the manager.
package enum ManagerEvent: Sendable {
  case connected
  case disconnected
  /// The octets of one APDU, as ``APDUAssembler`` puts them together.
  case received([UInt8])
  /// The timer of this number has run out; that of an older number is ignored.
  case timedOut(Int)
  /// Answers ``ManagerAction/lookUp(_:)``: nil when the configuration is not remembered.
  case lookedUp(AgentConfiguration?)
  /// Answers ``ManagerAction/lookUp(_:)``: this device is not wanted.
  case refused
  /// Answers ``ManagerAction/remember(_:)``.
  case remembered
  /// What ``ManagerAction/report(_:)`` or ``ManagerAction/segment(_:)`` brought is on disk: only now the agent hears of it.
  case committed(ManagerToken)
  /// The caller wants something from the agent. Waits while another request is under way.
  case request(ManagerRequest)
  case release
  case abort
}

/// Names a confirmed event whose answer waits for the caller's commit.
package struct ManagerToken: Hashable, Sendable {
  /// Counts associations, so that a commit that comes late answers nothing in another one.
  package let association: Int
  package let invokeID: UInt16
}

/// What a manager can ask of an agent while operating.
package enum ManagerRequest: Hashable, Sendable {
  /// All attributes of an object; 0 is the MDS.
  case attributes(handle: UInt16)
  case segmentInfo(store: UInt16, SegmentSelection)
  /// All entries of one segment, from the first: the standard has no other way.
  case transfer(store: UInt16, instance: UInt16)
  /// Deletes entries on the device. Nothing here asks for it by itself.
  case clear(store: UInt16, SegmentSelection)
  case setTime(AbsoluteTime)
}

/// What the manager wants done, in this order.
package enum ManagerAction: Hashable, Sendable {
  case send([UInt8])
  /// In place of the timer before.
  case startTimer(Int, milliseconds: Int)
  case stopTimer
  case lookUp(AgentConfiguration.Key)
  /// Learned from the agent: to be stored by its key.
  case remember(AgentConfiguration)
  /// An association is up; requests are taken now.
  case operating(AgentConfiguration)
  case report(ManagerReport)
  case segment(ManagerSegment)
  /// An answer to a request that is not a transfer; a transfer ends by this too, with the last part acknowledged.
  case answered(ManagerRequest, ManagerAnswer)
  case failed(ManagerRequest, ManagerFailure)
  /// Something was wrong that ended nothing.
  case problem(DecodingFailure)
  /// The association is over, or came to nothing.
  case ended(ManagerEnd)
}

/// Measurements that an agent reported.
package struct ManagerReport: Hashable, Sendable {
  /// Nil for a report that asks for no answer.
  package let token: ManagerToken?
  package let reading: AgentConfiguration.Reading
  /// The event-info as sent.
  package let octets: [UInt8]
}

/// A part of a segment.
package struct ManagerSegment: Hashable, Sendable {
  package let token: ManagerToken
  package let store: UInt16
  package let event: SegmentDataEvent
}

package enum ManagerAnswer: Hashable, Sendable {
  case attributes(AttributeList)
  case segments([SegmentInfo])
  case done
}

package enum ManagerFailure: Hashable, Sendable {
  /// `roer`: the agent does not do it.
  case refused(UInt16)
  /// `rorj`: the agent did not understand it.
  case rejected(RejectProblem)
  /// What trig-segm-xfer-rsp said: no such segment, try later, empty, other.
  case notTransferred(UInt16)
  /// The agent gave a transfer up.
  case abortedByAgent
  case malformed(DecodingFailure)
  /// The association ended before.
  case ended
  /// There is no association, or too many requests wait.
  case notTaken
}

package enum ManagerEnd: Hashable, Sendable {
  case releasedByAgent
  case released
  case abortedByAgent(AbortReason)
  /// By us: what the agent did, or did not do in time.
  case aborted(AbortReason)
  case timedOut
  case disconnected
  case rejected(AssociationResult)
}
