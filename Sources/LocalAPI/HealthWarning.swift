/// Something that is wrong with the gateway now. Warnings are data: made where the trouble is seen, shown by every client,
/// gone when the trouble is.
package struct HealthWarning: Hashable, Sendable, Codable, Identifiable {
  package enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
    /// Works, but somebody should know.
    case notice
    /// Works worse than it should.
    case warning
    /// Readings or alerts do not come through.
    case error
  }

  /// The ids that clients say in another language; the part of an id before its first colon.
  package enum Kind {
    package static let adapterAbsent = "bluetooth-adapter-absent"
    package static let adapterOff = "bluetooth-adapter-off"
    /// The adapter is there and on, and cannot be used for a reason that its words tell.
    package static let adapterFailed = "bluetooth-adapter-failed"
    /// The adapter does not take the gateway's own address.
    package static let ownAddressRefused = "bluetooth-own-address-refused"
    package static let rivalService = "bluetooth-rival-service"
    package static let bluetoothPermission = "bluetooth-permission"
    package static let strangerPairing = "bluetooth-pairing-refused"
    /// Parameters `device`, `address`; where the device's profile says it, `press` and `pressVi`: what a person presses to
    /// make it ready to be paired, in English and in Vietnamese.
    package static let untrustedLink = "bluetooth-untrusted-link"
    /// About a device by its id; parameters as of ``untrustedLink``.
    package static let staleBond = "bluetooth-bond-stale"
    package static let consentRefused = "device-consent-refused"
    /// Parameter `device`.
    package static let usbAccessDenied = "usb-access-denied"
    /// About an ANT stick that cannot be used for want of its network's key.
    package static let antKey = "ant-key"
    package static let storeNotCommitting = "store-not-committing"
    /// Parameter `destination`.
    package static let destinationFailing = "destination-failing"
    /// Nothing arrives before somebody changes something. Parameters `destination`, `reason`.
    package static let destinationBlocked = "destination-blocked"
    /// Somebody's readings wait until the server's record of the person was looked at. Parameters `destination`, `patient`
    /// (a name), `reason`.
    package static let destinationHoldsPerson = "destination-holds-person"
    /// Parameters `destination`, `count`.
    package static let destinationRefuses = "destination-refuses"
    /// Parameter `directory`.
    package static let noRules = "no-rules"
    /// Parameter `patient`, a name.
    package static let alertsReachNobody = "alerts-reach-nobody"
    /// Everybody on the ladder was told of an alert, and nobody answered. About the alert's episode.
    package static let alertUnanswered = "alert-unanswered"
    /// Parameter `count`.
    package static let readingsUnassigned = "readings-unassigned"
    /// Parameters `destinations`, `count`.
    package static let correctionsNeeded = "corrections-needed"
    /// The box's own clock is not known to be right. Parameter `count`: how many readings wait for that.
    package static let clockUnsynchronised = "clock-unsynchronised"
    /// The topic that answers to alerts are written to cannot be read.
    package static let answersNotFetched = "answers-not-fetched"
    /// The page that answers to alerts are given on is not served.
    package static let answerPageDown = "answer-page-down"
    /// The monitor outside does not take the signs of life. Parameter `reason`.
    package static let heartbeatNotTaken = "heartbeat-not-taken"
    package static let diskLow = "disk-low"
    /// The store takes more of the disk than it may, and nothing more may be taken away. Parameters `used`, `budget`, in
    /// megabytes.
    package static let storageBudget = "storage-budget"
    /// Parameter `reason`.
    package static let copyFailed = "copy-failed"
    /// Parameters `copy` (when it was made, or `-`), `restored`, `salvaged`, `missing` (numbers of readings; `?`: not known),
    /// `file`.
    package static let databaseRebuilt = "database-rebuilt"
    /// The files of the configuration have a fault. Parameters `fault`: file, line, field and what was expected; `count`.
    package static let configurationRefused = "configuration-refused"
    /// What waited for a destination that was removed was closed. About the destination; parameters `destination`, `count`.
    package static let deliveriesClosed = "deliveries-closed"
    /// The local record's port could not be opened.
    package static let recordPort = "record-port"
  }

  /// A kind, and after a colon what it is about, so that two warnings of one kind are two: `destination-failing:clinic`.
  package var id: String
  package var severity: Severity
  /// One sentence, in English.
  package var title: String
  /// What to do, in English; empty when nothing can be done.
  package var remedy: String
  package var since: Timestamp
  /// What the sentence names, for clients that say it in another language.
  package var parameters: [String: String]

  package init(
    id: String, severity: Severity, title: String, remedy: String, since: Timestamp, parameters: [String: String] = [:]
  ) {
    self.id = id
    self.severity = severity
    self.title = title
    self.remedy = remedy
    self.since = since
    self.parameters = parameters
  }

  /// The part of the id before its first colon.
  package var kind: String { String(id.prefix { $0 != ":" }) }
}
