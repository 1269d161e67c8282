/// Why an ATT bearer is of no more use.
package enum LinkEnd: Error, Hashable, Sendable {
  /// The channel ended, or refused a PDU.
  case channel(SeqPacketChannel.EndReason)
  /// The client was told to close.
  case closed
  /// The device did not answer this request in time; no more PDUs may go over this bearer (Vol 3 Part F §3.3.3).
  case transactionTimedOut(ATTOpcode)
  /// The device answered another question than the one that was asked: from here on, answers cannot be trusted to
  /// belong to their questions.
  case unexpectedResponse(to: ATTOpcode, received: ATTOpcode)
  /// An indication that has no handle can neither be kept nor confirmed.
  case malformedIndication(ATTDecodingFailure)
  /// Nobody took the values: more than ``GATTClient/mostWaitingValues`` waited, or
  /// more than ``ATTClientState/mostUnconfirmed`` indications came without a confirmation between.
  case valuesOverflow
  /// The socket took no more PDUs.
  case congested
}

extension LinkEnd: CustomStringConvertible {
  /// A clause that goes on after "the link has ended:".
  package var description: String {
    switch self {
    case .channel(let reason): "\(reason)"
    case .closed: "closed by the gateway"
    case .transactionTimedOut(let request): "the device did not answer a \(request) in time"
    case .unexpectedResponse(let request, let received): "the device answered a \(request) with a \(received)"
    case .malformedIndication(let failure): "the device sent an indication that is none: \(failure)"
    case .valuesOverflow: "the device sent more values than were taken"
    case .congested: "the device took no more PDUs"
    }
  }
}
