import BluetoothLE
import Foundation

/// The `profile.yaml` that a recording begins with. What only a person can say is a TODO, and where it is a required field
/// it is left out, so that `vitals check` asks for it by its name.
package struct ProfileDraft: Sendable {
  package let name: String
  package let device: LearnedDevice
  /// The beginning of its name that belongs to the model; empty when nobody has said it.
  let namePrefix: String

  /// What a person has to fill in, in words.
  package var missing: [String] {
    var missing: [String] = []
    if recognises.isEmpty { missing.append("recognise: what only this model advertises") }
    if namePrefix.isEmpty, !recognises.isEmpty {
      missing.append("recognise.names: the beginning of its name, so that nobody has to choose it")
    }
    if device.driver == nil {
      missing.append("driver: none of the standard services is there")
      missing.append("session.subscribe: the characteristics that its values come from")
    }
    return missing
  }

  private var recognises: [String] {
    let heard = device.advertisement
    var lines: [String] = []
    func quoted(_ uuids: [BluetoothUUID]) -> String { uuids.map { "\"\($0)\"" }.joined(separator: ", ") }
    if !heard.serviceUUIDs.isEmpty { lines.append("  services: [\(quoted(heard.serviceUUIDs))]") }
    if heard.serviceUUIDs.isEmpty, !heard.manufacturerData.isEmpty {
      let companies = heard.manufacturerData.keys.sorted().map {
        "0x" + Octets.text([UInt8($0 >> 8), UInt8($0 & 0xFF)], spaced: false)
      }
      lines.append("  manufacturers: [\(companies.joined(separator: ", "))]")
    }
    if !namePrefix.isEmpty { lines.append("  names: [\"\(namePrefix)\"]") }
    return lines
  }

  package var text: String {
    let texts = [0x2A29, 0x2A24].compactMap { device.text(BluetoothUUID($0)) }
    let title = texts.isEmpty ? name : texts.joined(separator: " ")
    let source = "a recording of one device"
    var lines = [
      "# yaml-language-server: $schema=../../profile.schema.json", "name: \(name)", "title: \"\(title.prefix(120))\"",
      "",
    ]
    if recognises.isEmpty {
      lines.append("# TODO recognise: the recording has no advertisement that says enough; give services or names.")
    } else {
      lines += ["recognise:"] + recognises
      if namePrefix.isEmpty {
        lines += [
          "  # TODO names: the beginning of its name that all of this model have, and take choose out. The name was made",
          "  # unrecognisable; vitals learn --keep-name-prefix keeps such a beginning.",
          "  choose: true",
        ]
      }
    }
    lines.append("")
    if let driver = device.driver {
      lines.append("driver: \(driver.name)")
    } else {
      lines += [
        "# TODO driver: it has no service that a driver reads. A known family's driver (vitals devices --supported), or a new",
        "# one in Sources/Devices/Drivers.",
      ]
    }
    lines += ["", "session:", "  bond: preferred"]
    if let driver = device.driver {
      lines.append("  subscribe: [\(driver.subscribe.map { "\"\($0)\"" }.joined(separator: ", "))]")
    } else {
      lines.append("  # TODO subscribe: which of these its values come from, and in which order:")
      lines.append("  # [\(device.notifying.map { "\"\($0)\"" }.joined(separator: ", "))]")
    }
    lines += ["", "sources:"]
    if !recognises.isEmpty { lines.append("  recognise: \"\(source)\"") }
    lines += ["  session: \"\(source)\"", ""]
    return lines.joined(separator: "\n")
  }
}
