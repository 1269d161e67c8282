import BluetoothLE
import Foundation

/// The `session.yaml` that a recording begins with.
struct SessionDraft {
  let device: LearnedDevice
  let zone: TimeZone
  /// Whether measured values stand in it as they came.
  let keepsValues: Bool

  /// Steps that a session may have here: what follows says nothing new of a stream.
  private static let mostSteps = 200

  var text: String {
    var lines = [
      "# yaml-language-server: $schema=../../session.schema.json",
      "title: recorded, not yet looked through", "clock: \"\(clock)\"", "zone: \(zone.identifier)", "",
      "advertisement:",
      "  address: \"\(device.advertisement.address)\"", "  kind: \(device.advertisement.address.kind.rawValue)",
      "  data: \"\(Octets.text(device.advertised))\"", "", "mtu: \(device.mtu)",
    ]
    if device.advertised.isEmpty {
      lines.insert("  # TODO The recording has no advertisement of it: give its AD structures in data.", at: 8)
    }
    if keepsValues {
      lines.insert(
        "# TODO The values below are somebody's: put made-up numbers in their place before you publish it.", at: 1)
    }
    if device.attributes.isEmpty {
      lines += [
        "# TODO The log has no discovery: the phone remembered the device. Remove it in the phone's settings, record",
        "# again, and import that.",
      ]
    } else {
      lines.append("attributes:")
      lines += device.attributes.map { attributeLine($0.handle, $0.attribute) }
    }
    lines += ["", "steps:"] + stepLines
    return lines.joined(separator: "\n") + "\n"
  }

  private var clock: String {
    Date(timeIntervalSince1970: device.clock.rounded(.down)).formatted(Date.ISO8601FormatStyle(timeZone: .gmt))
  }

  private func attributeLine(_ handle: AttributeHandle, _ attribute: ATTTranscript.Attribute) -> String {
    guard let type = attribute.type else { return "" }
    var value = attribute.value ?? []
    var notes: [String] = []
    if type == .clientCharacteristicConfiguration {
      // As it was before we asked for anything.
      value = value.isEmpty ? [0, 0] : value
    } else if !keepsValues, attribute.properties != nil, isMeasured(type), !value.isEmpty {
      value = MadeUpValue.value(value, of: type)
      notes.append("made up")
    }
    var fields = ["handle: \(handle.rawValue)", "type: \"\(type)\"", "value: \"\(Octets.text(value))\""]
    if attribute.value == nil, let error = attribute.readError {
      fields.append("error: \(error)")
    } else if attribute.value == nil, let properties = attribute.properties, !properties.contains(.read) {
      fields.append("error: 2")
    }
    if let properties = attribute.properties, !properties.isDisjoint(with: [.write, .writeWithoutResponse]) {
      fields.append("write: true")
    }
    let text = String(decoding: value, as: UTF8.self)
    if type.short != nil, value.count > 2,
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || " .-_&".contains($0)) }),
      attribute.properties != nil
    {
      notes.append(text)
    }
    if !notes.isEmpty { fields.append("note: \"\(notes.joined(separator: ", "))\"") }
    return "  - {\(fields.joined(separator: ", "))}"
  }

  /// What a person measured, and not what the device says of itself: anything of a maker's that it sends by itself, and the
  /// measurements of the standard services.
  private func isMeasured(_ type: BluetoothUUID) -> Bool {
    MadeUpValue.knows(type) || type.short == nil && device.notifying.contains(type)
  }

  private var stepLines: [String] {
    var lines: [String] = []
    var last: Double?
    var count = 0
    var pending: AttributeHandle?
    for timed in device.steps {
      guard count < Self.mostSteps else {
        lines.append("  # The recording goes on; see recording.jsonl.")
        break
      }
      let handle = handle(of: timed.step)
      guard !device.unknownHandles.contains(handle) else { continue }
      switch timed.step {
      case .subscription(let handle): if isDrivers(handle) { pending = handle }
      case .write(let handle, let value):
        let octets = Octets.text(value)
        // Our drivers write what they have to; one that is known does not write what an app writes.
        lines.append(
          device.driver == nil
            ? "  - {kind: await-write, handle: \(handle.rawValue), value: \"\(octets)\"}"
            : "  # The app wrote \(octets) to handle \(handle.rawValue).")
        last = timed.at
      case .indicate(let handle, let value), .notify(let handle, let value):
        if let descriptor = pending {
          lines.append("  - {kind: await-subscription, handle: \(descriptor.rawValue)}")
          pending = nil
          last = nil
        }
        if let last, timed.at - last >= 0.5 {
          lines.append("  - {kind: wait, seconds: \(min(86_400, ((timed.at - last) * 10).rounded() / 10))}")
        }
        last = timed.at
        let shown = shown(value, handle)
        var isIndication = false
        if case .indicate = timed.step { isIndication = true }
        lines.append(
          isIndication
            ? "  - {kind: indicate, handle: \(handle.rawValue), value: \"\(Octets.text(shown.octets))\"\(shown.note)}"
            : "  - {kind: notify, handle: \(handle.rawValue), values: [\"\(Octets.text(shown.octets))\"], every: 0\(shown.note)}"
        )
      }
      count += 1
    }
    if let descriptor = pending { lines.append("  - {kind: await-subscription, handle: \(descriptor.rawValue)}") }
    if device.values == 0 {
      lines.append("  # TODO No value came while it was recorded: measure, and record again.")
    }
    if !device.unknownHandles.isEmpty {
      let handles = device.unknownHandles.map { "\($0)" }.joined(separator: ", ")
      lines.append("  # TODO The recording does not tell what \(handles) is; its values are left out here.")
    }
    return lines + ["  - {kind: end}"]
  }

  /// Whether the driver will write this descriptor, too: the recording subscribes to everything.
  private func isDrivers(_ descriptor: AttributeHandle) -> Bool {
    guard let wanted = device.driver?.subscribe else { return true }
    let before = device.attributes.filter { $0.handle.rawValue < descriptor.rawValue }
    guard let declaration = before.lastIndex(where: { $0.attribute.type == .characteristic }),
      declaration + 1 < before.count
    else { return false }
    guard let value = before[declaration + 1].attribute.type else { return false }
    return wanted.contains(value)
  }

  private func handle(of step: LearnedDevice.Step) -> AttributeHandle {
    switch step {
    case .subscription(let handle), .write(let handle, _), .indicate(let handle, _), .notify(let handle, _): handle
    }
  }

  private func shown(_ value: [UInt8], _ handle: AttributeHandle) -> (octets: [UInt8], note: String) {
    guard !keepsValues else { return (value, "") }
    let type = device.attributes.first { $0.handle == handle }?.attribute.type ?? .primaryService
    if type == .serviceChanged { return (value, "") }
    let note = MadeUpValue.knows(type) ? "made-up numbers" : "zeros in its place; recording.jsonl has it"
    return (MadeUpValue.value(value, of: type), ", note: \(note)")
  }
}
