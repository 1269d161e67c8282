/// What a frame from the cuff means for the command that waits.
package enum OmronAnswer: Hashable, Sendable {
  /// Done, with what was read; empty for all but `read`.
  case done([UInt8])
  /// A reply to `read` with the result 0 and no data. omblepy takes it for memory that was never written, hass-omron for a
  /// reply that lost its data: ask again, then take the slots as empty.
  case withoutData
  /// The cuff says no. The codes are not documented: 0xE3 has been seen for the memory of a user who is not registered.
  case refused(result: UInt8)
  /// Belongs to another command: a late reply, or no reply at all. Wait on.
  case unrelated
}

extension OmronFrame {
  /// Reads this frame as the answer to `command`. A reply says its command's type and address; of many reads under way only
  /// the address tells which one it is of. `endReply` rejects whatever was asked.
  package func answer(to command: OmronFrame) -> OmronAnswer {
    guard !command.kind.isReply, kind.isReply else { return .unrelated }
    if kind == .endReply, command.kind != .end { return .refused(result: result) }
    guard kind.rawValue == command.kind.rawValue | 0x8000 else { return .unrelated }
    if command.kind == .read || command.kind == .write, address != command.address { return .unrelated }
    if result != 0 { return .refused(result: result) }
    guard command.kind == .read else { return .done([]) }
    if data.isEmpty { return .withoutData }
    return data.count == Int(command.count) ? .done(data) : .unrelated
  }
}
