package import BluetoothLE
package import Foundation
package import Observations
package import WireFormats

/// One visit to one device: everything that a driver needs.
package struct DeviceSession: Sendable {
  package var device: DeviceID
  package var profile: DeviceProfile
  /// Started; the link of a bonded device is encrypted with its key by now, whatever its profile says. The driver is the
  /// one reader of its values.
  package var client: GATTClient
  /// What discovery found at an earlier visit, of a bonded device; nil for a first visit.
  package var cache: GATTDatabase?
  /// Keys were made just before this visit: it goes as a first visit does, though the device is known; only a cache whose
  /// hash agrees saves it the discovery.
  package var isJustPaired: Bool
  /// Whether the device keeps its subscriptions from visit to visit, as learned before; nil while nobody knows.
  package var keepsSubscriptions: Bool?
  /// Whether what the device says of itself was remembered at an earlier visit; if not, a known device is asked after its
  /// first reading.
  package var informationIsKnown: Bool
  package var authentication: LinkAuthentication
  /// Played, not measured.
  package var isSimulated: Bool
  /// Device clock minus ours in seconds, as last measured; nil when it never was.
  package var clockOffset: TimeInterval?
  /// When a link to the device was last made before this one; nil when never.
  package var previousVisit: Date?
  /// Our clock.
  package var receivedNow: @Sendable () -> Date
  /// False while nobody knows whether our clock is right, after a start without network say: then no device's clock is
  /// written.
  package var ourClockIsRight: Bool
  /// The zone that the device's clock is taken to show.
  package var timeZone: TimeZone
  package var sink: any ObservationSink
  package var progress: @Sendable (SessionProgress) -> Void
  /// Driver constants that configuration sets; they go before the profile's.
  package var constants: [String: Decimal]
  /// The secret that opens the device's memory, this household's own; it goes before the profile's. Nil where the
  /// household has none.
  package var memoryKey: OmronPairingKey?
  /// The consents that open its users' readings, of a device with the User Data Service.
  package var consents: UserConsents
  /// So long after the confirmation of a reading without a time stamp, when nothing has come from the device since, it is
  /// asked something: its answer shows that it has the confirmation.
  package var confirmationSettles: Duration
  /// How long a device that is to end the link itself is waited for.
  package var departureLimit: Duration

  package init(
    device: DeviceID, profile: DeviceProfile, client: GATTClient, cache: GATTDatabase? = nil,
    isJustPaired: Bool = false, keepsSubscriptions: Bool? = nil, informationIsKnown: Bool = true,
    authentication: LinkAuthentication,
    isSimulated: Bool, clockOffset: TimeInterval? = nil, previousVisit: Date? = nil,
    receivedNow: @escaping @Sendable () -> Date = { Date() }, ourClockIsRight: Bool = true,
    timeZone: TimeZone = .current, sink: any ObservationSink,
    progress: @escaping @Sendable (SessionProgress) -> Void = { _ in }, constants: [String: Decimal] = [:],
    memoryKey: OmronPairingKey? = nil, consents: UserConsents = UserConsents(),
    confirmationSettles: Duration = .seconds(2),
    departureLimit: Duration = .seconds(60)
  ) {
    self.device = device
    self.profile = profile
    self.client = client
    self.cache = cache
    self.isJustPaired = isJustPaired
    self.keepsSubscriptions = keepsSubscriptions
    self.informationIsKnown = informationIsKnown
    self.authentication = authentication
    self.isSimulated = isSimulated
    self.clockOffset = clockOffset
    self.previousVisit = previousVisit
    self.receivedNow = receivedNow
    self.ourClockIsRight = ourClockIsRight
    self.timeZone = timeZone
    self.sink = sink
    self.progress = progress
    self.constants = constants
    self.memoryKey = memoryKey
    self.consents = consents
    self.confirmationSettles = confirmationSettles
    self.departureLimit = departureLimit
  }

  /// Configuration's value, else the profile's, else the driver's own.
  func value(of constant: DriverConstant) -> Decimal {
    constant.value(configured: constants, profile: profile)
  }
}
