package import BluetoothLE
package import Foundation
package import Observations

/// What a visit has come to, for whoever watches it (`vitals pair`, the log). No measurement is in it but in ``reading``.
package enum SessionProgress: Hashable, Sendable {
  /// A known device: nothing had to be discovered.
  case knownDatabase
  /// The device's services are not those remembered; they are discovered again.
  case databaseChanged
  case discovered(DeviceInformation)
  case subscribed(BluetoothUUID)
  /// Device clock minus ours, in seconds.
  case clock(offset: TimeInterval)
  /// The device has a clock that shows no time.
  case clockUnusable
  /// The device's clock was set from ours.
  case clockWritten
  /// Percent of full.
  case battery(Int)
  /// Blood Pressure Feature (0x2A49), 16 bits.
  case bloodPressureFeature(UInt16)
  case reading(Observation, StoreOutcome)
  /// Where in the device's memory the visit is: a record is read, or what was read at once is stored one by one. From 1.
  case record(number: Int, of: Int)
  /// The device has sent what it had stored, or says why not: the Response Code Value of its Record Access Control Point, 1
  /// for success.
  case recordsSent(code: UInt8)
  /// The value's bytes were kept, and the field that failed is named.
  case undecodable(characteristic: BluetoothUUID, reason: String)
  /// The device has taken our key for its memory.
  case keyStored
  /// The device took this user's consent code: what it sends from here on is of this user.
  case consentGiven(user: UInt8)
  /// The device did not take this user's consent code.
  case consentRefused(user: UInt8)
  /// The device gives nothing of this user's memory, which is so where nobody is registered.
  case memoryRefused(user: Int)
  /// A stored record whose own checksum does not fit. It was kept; which slot of which user's it is, from 0.
  case checksumMismatch(user: Int, slot: Int)
  /// A record of this user's memory that cannot be read; its bytes were kept.
  case recordUnreadable(user: Int, reason: String)
  /// A value came under a handle that is not the characteristic's; it was neither kept nor confirmed.
  case notBelieved(AttributeHandle)
  /// A window of a stream could not be kept; it is tried again.
  case notStored(reason: String)
}

/// Why a visit ended.
package enum SessionEnd: Hashable, Sendable, CustomStringConvertible {
  /// Nothing came for as long as the profile waits: the device has said what it had to say.
  case idle
  /// The device, or the radio, ended the link.
  case linkEnded(reason: String)
  /// The gateway wanted it.
  case cancelled
  /// A reading could not be kept; it was not confirmed, and the device will send it again.
  case notStored(reason: String)
  /// The device refused, or did not answer, something that the visit needs.
  case requestFailed(what: String, reason: String)
  /// The device keeps its memory shut: it holds another key, or wants what we have not.
  case locked(reason: String)
  /// The device takes no key now, and holds none of ours.
  case notInPairingMode(reason: String)
  /// The device gives nobody's readings without a user's consent, and none is known that it takes.
  case consentRefused(reason: String)
  /// Asked as often as is worth it, the device said nothing.
  case noAnswer(to: String)
  /// What the device answered was damaged each time.
  case damaged(what: String, reason: String)
  /// The device has not the characteristic that the driver reads.
  case unsuitable(missing: BluetoothUUID)

  package var description: String {
    switch self {
    case .idle: "The device had nothing more to say."
    case .linkEnded(let reason): "The link ended: \(reason)."
    case .cancelled: "The gateway ended the visit."
    case .notStored(let reason):
      "A reading could not be stored, so it was not confirmed; the device keeps it and sends it again. \(reason)"
    case .requestFailed(let what, let reason): "\(what) failed. \(reason)"
    case .locked(let reason), .notInPairingMode(let reason), .consentRefused(let reason): reason
    case .noAnswer(let what): "\(what) failed. The device gave no answer."
    case .damaged(let what, let reason): "\(what) failed. The answer was damaged each time. \(reason)"
    case .unsuitable(let missing):
      "The device has no characteristic \(missing), which its profile's driver reads. Check which profile it matches."
    }
  }
}

/// The same as an error, within the visit.
struct SessionFailure: Error {
  var end: SessionEnd
  init(_ end: SessionEnd) { self.end = end }
}
