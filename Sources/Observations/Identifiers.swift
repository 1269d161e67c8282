/// The local name of one observation in this gateway's store. Random; never derived from the patient.
package struct ObservationID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
}

/// The pseudonymous name of a patient (`p-` and random letters). It stands in requests and identifiers, so it is never
/// a national number and never a name.
package struct PatientID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
}

/// A device by what it says of itself: `ble:F0:F1:F2:F3:F4:F5` (identity address in capitals), `usb:…`, `phd:…`
/// (system id of IEEE 11073), `sim:…`.
package struct DeviceID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
}

/// A configured destination by its name in `vitalsd.yaml`.
package struct DestinationID: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
}

/// A string that names one thing of this gateway, coded as a bare string.
package protocol LocalIdentifier: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible
where RawValue == String {
  init(rawValue: String)
}

extension LocalIdentifier {
  package var description: String { rawValue }

  package init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// A new random name: the prefix and 96 random bits in base 32, without letters that are mistaken for others.
  package static func random(prefix: String = "") -> Self {
    let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789z")
    return Self(rawValue: prefix + String((0..<20).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] }))
  }
}

/// The identity of a reading, derived only from what the device said: two deliveries of one reading have one identity, and
/// nothing in it changes when the reading is given to another person.
package struct ReadingIdentity: LocalIdentifier {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - device: who said it.
  ///   - time: the device's own time or sequence number, verbatim; nil when it gave none.
  ///   - format: what the bytes are, for example `2A35`.
  ///   - bytes: the bytes as received.
  package init(device: DeviceID, time: String?, format: String, bytes: [UInt8]) {
    let digits = Array("0123456789abcdef")
    var hex = ""
    for byte in bytes {
      hex.append(digits[Int(byte >> 4)])
      hex.append(digits[Int(byte & 15)])
    }
    rawValue = "\(device)|\(time ?? "-")|\(format):\(hex)"
  }
}
