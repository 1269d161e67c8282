package import BluetoothLE
import Foundation

/// What a recording tells of a device, as far as a profile can be begun with it.
package struct LearnedDevice: Sendable {
  /// Something that the device did of itself, or that was done to it.
  enum Step: Hashable {
    /// The client wrote this to a descriptor 2902.
    case subscription(AttributeHandle)
    /// The client wrote this to something else.
    case write(AttributeHandle, [UInt8])
    case indicate(AttributeHandle, [UInt8])
    case notify(AttributeHandle, [UInt8])
  }

  struct Timed: Hashable {
    var at: Double
    var step: Step
  }

  private static let bloodPressure = BluetoothUUID(0x2A35)
  private static let heartRate = BluetoothUUID(0x2A37)

  /// By handle.
  var attributes: [(handle: AttributeHandle, attribute: ATTTranscript.Attribute)] = []
  /// What it advertised, all kinds of its packets one behind the other.
  var advertised: [UInt8] = []
  var address: BluetoothAddress?
  var rssi: Int8 = -60
  /// When the link of the steps came about, seconds since 1970.
  var clock: Double
  /// Those of the link in which most values came.
  var steps: [Timed] = []
  /// The longest PDU that the device takes.
  var mtu = 23
  /// Handles of values whose type nothing tells.
  package private(set) var unknownHandles: [AttributeHandle] = []
  /// Notifications and indications in the recording.
  package private(set) var values = 0

  package init(_ recording: Recording) {
    var transcript = ATTTranscript()
    clock = recording.beginning
    var heard: [[UInt8]] = []
    var current: (began: Double, steps: [Timed]) = (0, [])
    var most = -1
    func count(_ steps: [Timed]) -> Int {
      steps.count {
        switch $0.step {
        case .indicate, .notify: true
        case .subscription, .write: false
        }
      }
    }
    for entry in recording.entries {
      switch entry.event {
      case .advertisement(let sender, let strength, let data):
        address = address ?? sender
        rssi = strength
        if !heard.contains(data), heard.count < 4 { heard.append(data) }
      case .linkUp:
        transcript.linkUp()
        current = (entry.at, [])
      case .linkDown: break
      case .passage(let passage):
        if case .fromDevice(let pdu) = passage, pdu.count == 3, pdu[0] == 0x03 {
          mtu = min(517, max(23, Int(pdu[1]) | Int(pdu[2]) << 8))
        }
        for part in transcript.read(passage) where part.range.upperBound <= passage.pdu.count {
          let value = Array(passage.pdu[part.range])
          let step: Step
          switch part.way {
          case .read: continue
          case .indicated: step = .indicate(part.handle, value)
          case .notified: step = .notify(part.handle, value)
          case .written:
            guard part.offset == 0, case .toDevice = passage else { continue }
            step =
              part.type == .clientCharacteristicConfiguration
              ? .subscription(part.handle) : .write(part.handle, value)
          }
          current.steps.append(Timed(at: entry.at - current.began, step: step))
        }
        if count(current.steps) > most {
          most = count(current.steps)
          steps = current.steps
          clock = recording.beginning + current.began
        } else if count(current.steps) == most, steps.count <= current.steps.count {
          steps = current.steps
          clock = recording.beginning + current.began
        }
      }
    }
    // The same structure in advertisement and scan response of several packets stands once.
    for data in heard.sorted(by: { $0.count > $1.count }) {
      for structure in Self.structures(data) where !Self.structures(advertised).contains(structure) {
        advertised += structure
      }
    }
    values = max(0, most)
    attributes = transcript.attributes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    let named = Set(attributes.filter { $0.attribute.type != nil }.map(\.handle))
    unknownHandles = Set(
      steps.compactMap { timed in
        switch timed.step {
        case .indicate(let handle, _), .notify(let handle, _), .write(let handle, _), .subscription(let handle):
          named.contains(handle) ? nil : handle
        }
      }
    ).sorted()
    attributes.removeAll { $0.attribute.type == nil }
  }

  private static func structures(_ data: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var start = 0
    while start < data.count, data[start] > 0, start + 1 + Int(data[start]) <= data.count {
      found.append(Array(data[start..<start + 1 + Int(data[start])]))
      start += 1 + Int(data[start])
    }
    return found
  }

  /// What it advertises, decoded.
  package var advertisement: Advertisement {
    Advertisement(
      address: address ?? BluetoothAddress(value: RecordingRedactor.syntheticAddress, kind: .random), rssi: rssi,
      data: advertised)
  }

  func handle(of type: BluetoothUUID) -> AttributeHandle? {
    attributes.first { $0.attribute.type == type }?.handle
  }

  func has(_ type: BluetoothUUID) -> Bool { handle(of: type) != nil }

  /// The driver that reads its standard services, and the characteristics that it takes; nil where none does.
  package var driver: (name: String, subscribe: [BluetoothUUID])? {
    if has(Self.bloodPressure) { return ("gatt-blood-pressure", [Self.bloodPressure]) }
    if has(Self.heartRate) { return ("gatt-heart-rate", [Self.heartRate]) }
    let oximeter = [BluetoothUUID(0x2A5E), BluetoothUUID(0x2A5F)].filter { has($0) }
    return oximeter.isEmpty ? nil : ("gatt-pulse-oximeter", oximeter)
  }

  /// What it sends values of.
  var notifying: [BluetoothUUID] {
    var found: [BluetoothUUID] = []
    for (_, attribute) in attributes {
      guard let type = attribute.type, let properties = attribute.properties, type != .serviceChanged,
        !properties.isDisjoint(with: [.notify, .indicate]), !found.contains(type)
      else { continue }
      found.append(type)
    }
    return found
  }

  /// The text of a Device Information characteristic; nil when it has none.
  func text(_ type: BluetoothUUID) -> String? {
    guard let value = attributes.first(where: { $0.attribute.type == type })?.attribute.value else { return nil }
    let text = String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
      .filter { $0.isASCII && !$0.isNewline && $0 != "\"" && $0 != "\\" && ($0.asciiValue ?? 0) >= 0x20 }
    return text.isEmpty ? nil : text
  }
}
