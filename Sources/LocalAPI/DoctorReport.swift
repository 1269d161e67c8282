/// What an examination of the running gateway and its surroundings found: `GET /v1/doctor`.
package struct DoctorReport: Hashable, Sendable, Codable {
  package enum Verdict: String, Hashable, Sendable, Codable, CaseIterable { case ok, warn, fail }

  package struct Check: Hashable, Sendable, Codable, Identifiable {
    /// The ids that clients say in another language; the part of an id before its first colon.
    package enum Kind {
      package static let adapter = "adapter"
      package static let permissions = "permissions"
      package static let rivalServices = "rival-services"
      package static let usb = "usb"
      package static let ant = "ant"
      package static let kernel = "kernel"
      package static let clock = "clock"
      package static let disk = "disk"
      package static let encryption = "encryption"
      package static let store = "store"
      package static let copies = "copies"
      package static let destination = "destination"
    }

    /// What ``kind`` says beside the kinds of warnings: findings that are no warning.
    package enum Finding {
      package static let bluetoothOff = "doctor-bluetooth-off"
      package static let usbOff = "doctor-usb-off"
      package static let inMemory = "doctor-in-memory"
      package static let adapterStarting = "doctor-adapter-starting"
      package static let antWithoutUSB = "doctor-ant-without-usb"
      package static let antNotListening = "doctor-ant-not-listening"
      package static let antStranger = "doctor-ant-stranger"
      /// `fault`.
      package static let kernelFault = "doctor-kernel-fault"
      /// `readings`, `deliveries`.
      package static let clockNotConfirmed = "doctor-clock-not-confirmed"
      /// `path`.
      package static let noDirectory = "doctor-no-directory"
      /// `count` (MB), `path`.
      package static let littleRoom = "doctor-little-room"
      /// `device`, `path`.
      package static let notEncrypted = "doctor-not-encrypted"
      /// `path`.
      package static let encryptionNotKnown = "doctor-encryption-not-known"
      /// `path`.
      package static let storeSilent = "doctor-store-silent"
      package static let noCopy = "doctor-no-copy"
      /// `destination`, `count`, `reason`.
      package static let deliveriesWait = "doctor-deliveries-wait"
    }

    package var id: String
    package var verdict: Verdict
    /// What was found, one sentence, in English.
    package var what: String
    /// What to do, in English; nil when ok.
    package var remedy: String?
    /// A ``HealthWarning/Kind`` or a ``Finding`` that says the same, with ``parameters``, for clients that say it in another language.
    package var kind: String?
    package var parameters: [String: String]?

    package init(
      id: String, verdict: Verdict, what: String, remedy: String? = nil, kind: String? = nil,
      parameters: [String: String]? = nil
    ) {
      self.id = id
      self.verdict = verdict
      self.what = what
      self.remedy = remedy
      self.kind = kind
      self.parameters = parameters
    }
  }

  package var checks: [Check]

  package init(checks: [Check]) { self.checks = checks }

  /// The worst verdict of all checks.
  package var verdict: Verdict {
    if checks.contains(where: { $0.verdict == .fail }) { return .fail }
    return checks.contains { $0.verdict == .warn } ? .warn : .ok
  }
}
