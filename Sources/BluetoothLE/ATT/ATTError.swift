/// Why a request, a command or a confirmation did not succeed.
package enum ATTError: Error, Hashable, Sendable {
  /// The device answered with an Error Response.
  case refused(request: ATTOpcode, handle: AttributeHandle, code: ATTErrorCode)
  /// The answer has the right opcode and is no sound PDU; the bearer goes on.
  case malformedResponse(ATTDecodingFailure)
  /// The link has ended, before or during this.
  case linkEnded(LinkEnd)
  /// This indication was confirmed before.
  case alreadyConfirmed

  /// The device's error code where it gave one.
  package var code: ATTErrorCode? {
    if case .refused(_, _, let code) = self { code } else { nil }
  }
}

extension ATTError: CustomStringConvertible {
  /// A sentence for the log: what, where, what next; no values.
  package var description: String {
    switch self {
    case .refused(let request, let handle, let code):
      "The device refused a \(request) for handle \(handle): \(code)."
        + (code.wantsSecurity ? " Raise the link's security, or pair again, and ask again." : "")
    case .malformedResponse(let failure): "The device's answer cannot be read. \(failure)"
    case .linkEnded(let end): "The link has ended: \(end). Wait for the device to connect again."
    case .alreadyConfirmed: "This indication was confirmed before; a second confirmation would answer the next one."
    }
  }
}

/// Something that the device does against the specification and that the bearer survives.
package enum ATTViolation: Hashable, Sendable {
  /// A response while no request was pending: ignored.
  case unrequestedResponse(ATTOpcode)
  /// A Handle Value Confirmation, although this side sends no indications: ignored.
  case unrequestedConfirmation
  /// An indication before the previous one was confirmed (Vol 3 Part F §3.3.2): delivered all the same.
  case indicationBeforeConfirmation(AttributeHandle)
  /// Octets that are no PDU: ignored.
  case malformed(ATTDecodingFailure)
}

extension ATTViolation: CustomStringConvertible {
  /// A sentence for the log; no values.
  package var description: String {
    switch self {
    case .unrequestedResponse(let opcode): "The device sent a \(opcode) that nobody asked for."
    case .unrequestedConfirmation: "The device confirmed an indication that nobody sent."
    case .indicationBeforeConfirmation(let handle):
      "The device sent an indication for handle \(handle) before its previous one was confirmed."
    case .malformed(let failure): failure.description
    }
  }
}
