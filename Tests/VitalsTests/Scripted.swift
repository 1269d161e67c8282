import Foundation
import LocalAPI
import Synchronization

@testable import vitals

/// What a console was given, by stream.
final class Written: Sendable {
  private let texts = Mutex<(output: String, error: String)>(("", ""))

  var output: String { texts.withLock { $0.output } }
  var error: String { texts.withLock { $0.error } }

  func console(
    _ language: Language = .en, json: Bool = false, colours: Bool = false, columns: Int? = nil
  ) -> Console {
    Console(
      language: language, timeZone: .hanoi, json: json,
      output: Console.Stream(colours: colours, columns: columns) { text in self.texts.withLock { $0.output += text } },
      error: Console.Stream(colours: colours) { text in self.texts.withLock { $0.error += text } })
  }
}

extension TimeZone {
  /// +07:00 all year; tests do not depend on the machine's zone.
  static var hanoi: TimeZone { TimeZone(secondsFromGMT: 7 * 3600) ?? .gmt }
}

/// 2026-11-22T07:30:00+07:00.
let morning = Date(timeIntervalSince1970: 1_795_307_400)

extension Reading {
  static func cuff(
    patientName: String? = "Bà Mai", flags: [String] = [], marks: [String] = [], simulated: Bool = false,
    authentication: String = "bonded", basis: String = "device-clock", pulse: ReadingValue? = nil
  ) -> Reading {
    Reading(
      id: "o1", device: "ble:F0:F1:F2:F3:F4:F5", deviceName: "UA-651", patient: "p-1", patientName: patientName,
      kind: "blood-pressure", effective: Timestamp(morning), basis: basis,
      values: [
        "systolic": .quantity(value: 128, unit: "mmHg"), "diastolic": .quantity(value: 82, unit: "mmHg"),
        "pulse": pulse ?? .quantity(value: 71, unit: "/min"),
      ], flags: flags, marks: marks, simulated: simulated, authentication: authentication,
      receivedAt: Timestamp(morning), profile: "sig/blood-pressure", raw: "16")
  }
}
