import Foundation
import Observations
import WireFormats

/// What the attributes of an agent's MDS object say (IEEE 11073-20601 §6.3.2). An attribute that is malformed takes
/// nothing from the others.
struct AgentAttributes {
  private let list: AttributeList

  init(_ list: AttributeList) { self.list = list }

  private func content(_ id: UInt16) -> AttributeContent? { (try? list[id]?.content()) ?? nil }

  /// - Parameter systemID: of the association, for an agent that does not repeat it.
  func information(systemID: [UInt8]?) -> DeviceInformation {
    var information = DeviceInformation()
    information.systemID = systemID
    if case .systemModel(let manufacturer, let model)? = content(AttributeID.systemModel) {
      information.manufacturer = Self.text(manufacturer)
      information.model = Self.text(model)
    }
    if case .productionSpecification(let entries)? = content(AttributeID.productionSpecification) {
      func entry(_ type: UInt16) -> String? { entries.first { $0.type == type }.flatMap { Self.text($0.text) } }
      information.serial = entry(1)
      information.hardware = entry(3)
      information.software = entry(4)
      information.firmware = entry(5)
    }
    return information
  }

  /// Percent of full; nil where it is not said.
  var battery: Int? { list.integer(AttributeID.batteryLevel).flatMap { $0 <= 100 ? Int($0) : nil } }

  var timeInformation: AttributeContent.TimeInformation? {
    if case .timeInformation(let information)? = content(AttributeID.timeInformation) { information } else { nil }
  }

  var hasClock: Bool { list[AttributeID.dateAndTime] != nil }

  /// What its clock shows, as if it stood in `timeZone`; nil where it has none or shows no time.
  func clock(in timeZone: TimeZone) -> Date? {
    guard case .time(let time)? = content(AttributeID.dateAndTime), let digits = time.dateTime, digits.isPlausible
    else {
      return nil
    }
    return DeviceTime(digits).date(in: timeZone)?.addingTimeInterval(TimeInterval(time.hundredths ?? 0) / 100)
  }

  /// In 1/8 ms; nil where it has none.
  var relativeTime: UInt32? {
    list.integer(AttributeID.relativeTime).flatMap { $0 == 0xFFFF_FFFF ? nil : $0 }
  }

  /// Printable, as it goes to terminals and records; nil for nothing. Strings are filled up with NUL to an even size.
  private static func text(_ octets: [UInt8]) -> String? {
    let scalars = String(decoding: octets, as: UTF8.self).unicodeScalars.filter {
      $0.properties.generalCategory != .control && $0 != "\u{FFFD}"
    }
    let clean = String(String.UnicodeScalarView(scalars)).trimmingCharacters(in: .whitespaces)
    return clean.isEmpty ? nil : String(clean.prefix(120))
  }
}
