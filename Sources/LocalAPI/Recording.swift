/// What a recording of an unknown device is to be like, in a ``PairingRequest``.
package struct RecordingRequest: Hashable, Sendable, Codable {
  /// How long values are waited for, in seconds, 10–3600.
  package var seconds: Double
  /// The beginning of the device's name that belongs to the model and may stay in the recording; nil: none.
  package var namePrefix: String?
  /// The device is not asked to pair.
  package var unpaired: Bool

  package init(seconds: Double, namePrefix: String? = nil, unpaired: Bool = false) {
    self.seconds = seconds
    self.namePrefix = namePrefix
    self.unpaired = unpaired
  }
}

/// One line of a recording's file.
package struct RecordedLine: Hashable, Sendable, Codable {
  /// From 1, without a gap.
  package var number: Int
  /// What is written: JSON without a line break. Names, serial numbers and addresses are made unrecognisable in it; the
  /// measured values are not.
  package var line: String
  /// Whether the device has just sent a value.
  package var value: Bool

  package init(number: Int, line: String, value: Bool) {
    self.number = number
    self.line = line
    self.value = value
  }
}

/// How a recording ended.
package struct RecordingEnd: Hashable, Sendable, Codable {
  /// A clause, in English.
  package var reason: String
  /// Notifications and indications that came.
  package var values: Int
  /// Indications whose keeping was acknowledged to the device.
  package var confirmed: Int
  /// Indications that were not acknowledged: the device will send them again.
  package var unconfirmed: Int
  /// Reads and subscriptions that the device refused to an unpaired gateway.
  package var wantedSecurity: Int

  package init(reason: String, values: Int, confirmed: Int, unconfirmed: Int, wantedSecurity: Int) {
    self.reason = reason
    self.values = values
    self.confirmed = confirmed
    self.unconfirmed = unconfirmed
    self.wantedSecurity = wantedSecurity
  }
}
