package import BluetoothLE
package import Foundation

/// One model or family of device: how to recognise it, which driver reads it, how a visit goes, and where each of these
/// facts was found. Written in `DeviceProfiles/<vendor>/<model>/profile.yaml`; no Swift is needed for another one.
package struct DeviceProfile: Hashable, Sendable, Identifiable {
  /// `vendor/model`, the two folders it stands in.
  package var name: String
  /// What a person calls it.
  package var title: String
  package var recognition: Recognition
  /// How a person makes the device ready to be paired; nil: the words that hold for most.
  package var pairing: PairingHint?
  /// The name of a driver of ``Drivers``.
  package var driver: String
  /// How the device departs from the layout that its driver decodes: one of ``DeviceDriver/layouts``; nil when it does not.
  package var layout: String?
  package var session: SessionPolicy
  /// Numbers that the driver takes from the profile; those left out have the driver's own value.
  package var constants: [String: Decimal]
  /// How well the maker's protocol is known; nil for a standard service, and where ``memory`` says it.
  package var evidence: OmronMemoryMap.Evidence?
  /// What is where in its memory, for a driver that reads one.
  package var memory: OmronMemoryMap?
  /// Field path → where the fact was found.
  package var sources: [String: String]
  /// The folder it was read from, where its `session.yaml` and `expected.yaml` stand.
  package var folder: URL?

  package init(
    name: String, title: String, recognition: Recognition, pairing: PairingHint? = nil, driver: String,
    layout: String? = nil, session: SessionPolicy, constants: [String: Decimal] = [:],
    evidence: OmronMemoryMap.Evidence? = nil, memory: OmronMemoryMap? = nil, sources: [String: String] = [:],
    folder: URL? = nil
  ) {
    self.name = name
    self.title = title
    self.recognition = recognition
    self.pairing = pairing
    self.driver = driver
    self.layout = layout
    self.session = session
    self.constants = constants
    self.evidence = evidence
    self.memory = memory
    self.sources = sources
    self.folder = folder
  }

  package var id: String { name }
}

/// What a person presses to make a device ready to be paired: whole sentences.
package struct PairingHint: Hashable, Sendable {
  package var english: String
  package var vietnamese: String?

  package init(english: String, vietnamese: String? = nil) {
    self.english = english
    self.vietnamese = vietnamese
  }
}

/// The two numbers by which a model on a cable says what it is.
package struct USBIdentifiers: Hashable, Sendable, CustomStringConvertible {
  package var vendor: UInt16
  package var product: UInt16

  package init(vendor: UInt16, product: UInt16) {
    self.vendor = vendor
    self.product = product
  }

  /// `0590:0028`.
  package var description: String {
    [vendor, product].map { number in
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: 4 - digits.count) + digits
    }.joined(separator: ":")
  }
}

/// What a device advertises, or its numbers on a cable. Of each list that is not empty one entry must be there, so that a
/// model is recognised by its name *and* its service, and by either of two names.
package struct Recognition: Hashable, Sendable {
  package var services: [BluetoothUUID]
  /// Beginnings of the advertised name, capitals and small letters told apart.
  package var namePrefixes: [String]
  /// Company identifiers of manufacturer data.
  package var manufacturers: [UInt16]
  /// Its relatives advertise the same, so which of them it is can only be said by a person: it is recognised only where
  /// its profile is the one that is looked for.
  package var isChosen: Bool
  /// Of a device on a cable, which then advertises nothing.
  package var usb: USBIdentifiers?
  /// The class of an interface, of any device on a cable that has one and no profile of its own: 0x0F for Personal
  /// Healthcare.
  package var usbClass: UInt8?

  package init(
    services: [BluetoothUUID] = [], namePrefixes: [String] = [], manufacturers: [UInt16] = [], isChosen: Bool = false,
    usb: USBIdentifiers? = nil, usbClass: UInt8? = nil
  ) {
    self.usb = usb
    self.usbClass = usbClass
    self.services = services
    self.namePrefixes = namePrefixes
    self.manufacturers = manufacturers
    self.isChosen = isChosen
  }

  /// Whether there is anything to recognise it by.
  package var isEmpty: Bool { services.isEmpty && namePrefixes.isEmpty && manufacturers.isEmpty && !isWired }

  /// Whether it is of a device on a cable.
  package var isWired: Bool { usb != nil || usbClass != nil }

  /// How much of this the advertisement shows; nil when it is another device.
  ///
  /// A service is worth 1,000, a manufacturer 2,000, a name 4,000 and one more for each character: what fewer devices
  /// share is worth more, so that a model's profile comes before its family's.
  package func score(_ advertisement: Advertisement) -> Int? {
    var score = 0
    if !services.isEmpty {
      guard services.contains(where: advertisement.serviceUUIDs.contains) else { return nil }
      score += 1_000
    }
    if !manufacturers.isEmpty {
      guard manufacturers.contains(where: { advertisement.manufacturerData[$0] != nil }) else { return nil }
      score += 2_000
    }
    if !namePrefixes.isEmpty {
      let name = advertisement.localName ?? ""
      guard let longest = namePrefixes.filter(name.hasPrefix).map(\.count).max() else { return nil }
      score += 4_000 + longest
    }
    return score > 0 ? score : nil
  }

  /// What makes some advertisement look the same, with the same score, to both: nil when a score always tells them apart
  /// or nothing is shared, and where a person chooses.
  func tie(with other: Recognition) -> String? {
    guard !isChosen, !other.isChosen else { return nil }
    if let usb, usb == other.usb { return "usb \(usb)" }
    if let usbClass, usbClass == other.usbClass { return "usb class \(usbClass)" }
    guard !isWired, !other.isWired else { return nil }
    guard services.isEmpty == other.services.isEmpty, namePrefixes.isEmpty == other.namePrefixes.isEmpty,
      manufacturers.isEmpty == other.manufacturers.isEmpty
    else { return nil }
    let common = [
      (services.isEmpty, services.filter(other.services.contains).map { "service \($0)" }),
      (manufacturers.isEmpty, manufacturers.filter(other.manufacturers.contains).map { "manufacturer \($0)" }),
      (namePrefixes.isEmpty, namePrefixes.filter(other.namePrefixes.contains).map { "name \($0)" }),
    ]
    guard common.allSatisfy({ $0.0 || !$0.1.isEmpty }) else { return nil }
    return common.compactMap(\.1.first).joined(separator: ", ")
  }
}
