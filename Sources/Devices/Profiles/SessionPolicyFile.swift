import BluetoothLE
import Foundation
import YAMLDocuments

extension SessionPolicy {
  /// Of a device on a cable, where nothing of this is used.
  static var wired: SessionPolicy { SessionPolicy(bond: .never, subscribe: []) }

  /// The `session` of a profile that the schema has been held against; what it leaves out has its standard.
  init(_ node: YAMLNode?) {
    func duration(_ name: String, _ otherwise: Duration) -> Duration {
      node?[name]?.decimal.map { .milliseconds(Int(truncating: $0 * 1000 as NSDecimalNumber)) } ?? otherwise
    }
    self.init(
      connect: node?["connect"]?.text.flatMap(Connect.init) ?? .always,
      bond: node?["bond"]?.text.flatMap(Bond.init) ?? .required,
      subscribe: (node?["subscribe"]?.items ?? []).compactMap { $0.text.flatMap { BluetoothUUID($0) } })
    switch node?["clock"]?.text {
    case nil, "automatic": clock = .automatic
    case "none": clock = .none
    case let text?: clock = BluetoothUUID(text).map { .characteristic($0) } ?? .automatic
    }
    if let steps = node?["order"]?.items { order = steps.compactMap { $0.text.flatMap(Step.init) } }
    clockWrite = node?["clock-write"]?.text.flatMap(ClockWrite.init) ?? clockWrite
    readsBattery = node?["battery"]?.boolean ?? readsBattery
    records = node?["records"]?.text.flatMap(Records.init) ?? records
    consent = node?["consent"]?.text.flatMap(Consent.init) ?? consent
    exchangesMTU = node?["exchange-mtu"]?.boolean ?? exchangesMTU
    settle = duration("settle", settle)
    settleBetween = duration("settle-between", settleBetween)
    idle = duration("idle", idle)
    quiet = duration("quiet", idle)
    grace = duration("grace", grace)
    clearsSubscriptions = node?["clear-subscriptions"]?.boolean ?? clearsSubscriptions
    pause = duration("pause", pause)
    if let command = node?["end"], let uuid = command["characteristic"]?.text.flatMap({ BluetoothUUID($0) }) {
      let digits = (command["write"]?.text ?? "").compactMap(\.hexDigitValue)
      end = .command(
        uuid, stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    } else if node?["end"]?.text == "await-device" {
      end = .awaitDevice
    }
  }

  /// What a schema can't say of it: the field's name within `session`, and what is wrong.
  var faults: [(field: String, message: String)] {
    var faults: [(String, String)] = []
    if connect == .never {
      if bond != .never {
        faults.append(
          ("bond", "is \(bond.rawValue), but session.connect is never; without a link nothing can be paired"))
      }
      if !subscribe.isEmpty {
        faults.append(("subscribe", "is given, but session.connect is never; without a link nothing is subscribed to"))
      }
    }
    if bond == .never, consent != .none {
      faults.append(
        (
          "consent",
          "is \(consent.rawValue), but session.bond is never; a consent code is sent over an encrypted link only"
        ))
    }
    let missing = Step.allCases.filter { !order.contains($0) }.map(\.rawValue)
    if !missing.isEmpty { faults.append(("order", "does not name \(missing.joined(separator: ", "))")) }
    if clockWrite != .never, clock == .none {
      faults.append(
        ("clock-write", "is \(clockWrite.rawValue), but session.clock is none; a clock that is written is read before"))
    }
    return faults
  }
}
