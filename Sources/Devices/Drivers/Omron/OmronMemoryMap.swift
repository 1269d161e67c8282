package import WireFormats

/// What is where in the memory of one model of Omron cuff, and how that memory is opened: a profile's `memory`.
package struct OmronMemoryMap: Hashable, Sendable {
  /// How well a map is known.
  package enum Evidence: String, Hashable, Sendable, CaseIterable {
    /// Somebody's cuff was read by it and the values compared with the display.
    case verified
    /// A user of another project says that it reads, without the octets.
    case reported
    /// From the maker's catalogue or from a relative, and read by nobody known.
    case derived
  }

  /// What the cuff asks for before it opens its memory.
  package enum Unlock: Hashable, Sendable {
    /// The secret that was stored in it while it was in pairing mode.
    case key(OmronPairingKey)
    /// A number, which it says again.
    case token
    /// Nothing but an encrypted link.
    case none
  }

  /// A user's records: a ring of slots.
  package struct Bank: Hashable, Sendable {
    package let start: UInt16
    package let slots: Int

    package init(start: UInt16, slots: Int) {
      self.start = start
      self.slots = slots
    }
  }

  /// A block of the settings, and how it is laid out.
  package struct Block<Layout: Hashable & Sendable>: Hashable, Sendable {
    package let address: UInt16
    package let layout: Layout

    package init(address: UInt16, layout: Layout) {
      self.address = address
      self.layout = layout
    }
  }

  package var evidence: Evidence
  package var channels: OmronChannels
  package var unlock: Unlock
  package var record: OmronRecordLayout
  /// Octets that one read asks for, at most; one record or more.
  package var block: Int
  /// The first is user 1.
  package var users: [Bank]
  /// Nil where nobody knows it: then all is read each time.
  package var index: Block<OmronIndexLayout>?
  /// Nil where nobody knows it.
  package var clock: Block<OmronClockLayout>?

  package init(
    evidence: Evidence, channels: OmronChannels, unlock: Unlock, record: OmronRecordLayout, block: Int, users: [Bank],
    index: Block<OmronIndexLayout>? = nil, clock: Block<OmronClockLayout>? = nil
  ) {
    self.evidence = evidence
    self.channels = channels
    self.unlock = unlock
    self.record = record
    self.block = block
    self.users = users
    self.index = index
    self.clock = clock
  }

  /// What the octets of a record are called in its provenance: `omron-le-14`, `omron-be-14`.
  package var recordFormat: String {
    "omron-\(record.wordOrder == .little ? "le" : "be")-\(record.size.rawValue)"
  }
}
