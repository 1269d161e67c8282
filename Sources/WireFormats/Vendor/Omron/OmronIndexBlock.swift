/// How far the memory of an Omron cuff is written, and read by its maker's app, for each user.
package struct OmronIndexBlock: Hashable, Sendable {
  /// The words of one user, as sent.
  package struct User: Hashable, Sendable {
    package let cursor: UInt16
    package let unread: UInt16
    fileprivate let mask: UInt16
    fileprivate let bias: Int

    /// The slot that was written last, 0 ..< `slots`; nil when nothing ever was. Slots are a ring: the one before 0 is the last.
    ///
    /// Only the whole word 0x8000 says that nothing was written; newer cuffs set bit 15 in every cursor.
    package func lastSlot(of slots: Int) -> Int? {
      guard cursor != OmronIndexBlock.cleared, slots > 0 else { return nil }
      let slot = (Int(cursor & mask) + bias) % slots
      return slot < 0 ? slot + slots : slot
    }

    /// How many of the newest records the maker's app has not fetched: the low octet, the others are not understood.
    package var unreadCount: Int { Int(unread & 0xFF) }
  }

  /// What stands for *nothing*, in a cursor and in an unread counter.
  package static let cleared: UInt16 = 0x8000

  package let layout: OmronIndexLayout
  /// The first is user 1.
  package let users: [User]
  /// The block as it was read.
  package let raw: [UInt8]

  /// - Throws: ``DecodingFailure`` where the block is shorter or longer than `layout` says, naming the field.
  package init(_ bytes: [UInt8], layout: OmronIndexLayout) throws(DecodingFailure) {
    var reader = ByteReader(bytes)
    _ = try reader.octets(layout.size, "Index")
    try reader.end(after: "Index")
    func word(_ offset: Int) -> UInt16 {
      let word = UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
      return layout.wordOrder == .little ? word : word.byteSwapped
    }
    users = layout.users.map {
      User(
        cursor: word($0.cursorOffset), unread: word($0.unreadOffset), mask: layout.cursorMask, bias: layout.cursorBias)
    }
    self.layout = layout
    raw = bytes
  }

  /// The block to write, so that nothing counts as unread. This takes the records from the maker's app, which then does not
  /// fetch them: never without being asked to.
  package var withUnreadCleared: [UInt8] {
    var bytes = raw
    for user in layout.users {
      let word = layout.wordOrder == .little ? Self.cleared : Self.cleared.byteSwapped
      bytes[user.unreadOffset] = UInt8(word & 0xFF)
      bytes[user.unreadOffset + 1] = UInt8(word >> 8)
    }
    return bytes
  }
}
