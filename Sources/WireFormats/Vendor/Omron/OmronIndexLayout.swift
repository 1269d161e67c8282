/// Where the front of a cuff's settings says how far the memory is written and read. Which cuff has which is the device
/// profile's to say.
package struct OmronIndexLayout: Hashable, Sendable {
  /// Where one user's words stand in the block, in octets from its start.
  package struct User: Hashable, Sendable {
    package let cursorOffset: Int
    package let unreadOffset: Int

    package init(cursorOffset: Int, unreadOffset: Int) {
      self.cursorOffset = cursorOffset
      self.unreadOffset = unreadOffset
    }
  }

  /// Octets of the block; there may be more in it than the words of the users.
  package let size: Int
  package let wordOrder: OmronWordOrder
  /// The first is user 1.
  package let users: [User]
  /// The bits of a cursor that are the slot: 0xFF, or 0x3FFF on cuffs with more than 255 slots.
  package let cursorMask: UInt16
  /// Added to a cursor, gives the slot that was written last: −1, as cursors name the next one.
  package let cursorBias: Int

  /// Nil where a word lies outside a block of `size`, or the bias is not within −255–255.
  package init?(
    size: Int, wordOrder: OmronWordOrder, users: [User], cursorMask: UInt16 = 0xFF, cursorBias: Int = -1
  ) {
    guard 2...0xFF ~= size, -0xFF...0xFF ~= cursorBias else { return nil }
    guard users.allSatisfy({ 0...size - 2 ~= $0.cursorOffset && 0...size - 2 ~= $0.unreadOffset }) else { return nil }
    self.init(size, wordOrder, users, cursorMask, cursorBias)
  }

  private init(_ size: Int, _ wordOrder: OmronWordOrder, _ users: [User], _ cursorMask: UInt16, _ cursorBias: Int) {
    self.size = size
    self.wordOrder = wordOrder
    self.users = users
    self.cursorMask = cursorMask
    self.cursorBias = cursorBias
  }

  /// omblepy's, eight octets: the cursors of two users, then how many records of each are unread.
  package static func twoUsers(_ wordOrder: OmronWordOrder) -> OmronIndexLayout {
    OmronIndexLayout(
      8, wordOrder, [User(cursorOffset: 0, unreadOffset: 4), User(cursorOffset: 2, unreadOffset: 6)], 0xFF, -1)
  }
}
