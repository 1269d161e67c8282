import AlertRules
import Foundation
package import LocalAPI
package import Observations
package import Store

extension Reading {
  /// An observation as clients see it. The gateway needs the same for the first reading of a pairing.
  package init(_ observation: Observation, patientName: String?, deviceName: String?) {
    var effectiveEnd: Timestamp?
    if case .period(_, let end) = observation.effective.span { effectiveEnd = Timestamp(end) }
    let provenance = observation.provenance
    self.init(
      id: observation.id.rawValue, device: observation.device.rawValue, deviceName: deviceName,
      patient: observation.patient?.rawValue, patientName: patientName, kind: observation.kind.rawValue,
      effective: Timestamp(observation.effective.start), effectiveEnd: effectiveEnd,
      basis: observation.effective.basis.rawValue, values: Self.values(observation.components),
      flags: observation.flags.map(\.rawValue).sorted(), marks: observation.marks.map(\.rawValue).sorted(),
      simulated: provenance.isSimulated, authentication: provenance.authentication.rawValue,
      receivedAt: Timestamp(provenance.receivedAt), deviceTime: provenance.deviceTime?.verbatim,
      clockOffset: provenance.clockOffset, profile: provenance.profile, userSlot: observation.userSlot,
      raw: Self.hexadecimal(provenance.bytes))
  }

  private static func values(_ components: [ObservationComponent]) -> [String: ReadingValue] {
    var values: [String: ReadingValue] = [:]
    for component in components {
      guard let name = name(component) else { continue }
      values[name] =
        switch component.value {
        case .quantity(let quantity): .quantity(value: quantity.value, unit: quantity.unit.display)
        case .absent(let reason): .absent(reason: reason.rawValue)
        }
    }
    return values
  }

  private static func name(_ component: ObservationComponent) -> String? {
    switch (component.code, component.statistic) {
    case (MDC.pressBldNoninvSys, nil): Name.systolic
    case (MDC.pressBldNoninvDia, nil): Name.diastolic
    case (MDC.pressBldNoninvMean, nil): Name.mean
    case (MDC.pulsRateNonInv, nil): Name.pulse
    case (MDC.ecgHeartRate, nil), (MDC.ecgHeartRate, .mean): Name.heartRate
    case (MDC.ecgHeartRate, .minimum): Name.heartRateMinimum
    case (MDC.ecgHeartRate, .maximum): Name.heartRateMaximum
    case (MDC.pulsOximSatO2, nil), (MDC.pulsOximSatO2, .mean): Name.oxygenSaturation
    case (MDC.pulsOximSatO2, .minimum): Name.oxygenSaturationMinimum
    case (MDC.pulsOximSatO2, .maximum): Name.oxygenSaturationMaximum
    case (MDC.pulsOximPulsRate, nil), (MDC.pulsOximPulsRate, .mean): Name.pulse
    case (_, .count): Name.beats
    default: nil
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension Reading {
  init(_ observation: Observation, _ names: Names) {
    self.init(
      observation, patientName: names.name(observation.patient), deviceName: names.name(observation.device))
  }

  /// With what is known of whose they are.
  static func list(
    _ observations: [Observation], _ store: Store, for scope: Scope = .everybody, withHints: Bool = false
  ) async throws(StoreFailure) -> [Reading] {
    let names = try await Names(store, for: scope)
    let ids = observations.map(\.id)
    let changes = try await store.ownershipEvents(of: ids)
    // Only what was taken back can be told wrongly.
    // And whoever has it is told of under another's name: not for that other to see, nor for whom it was taken from.
    let uncorrected = scope.patients == nil ? try await store.uncorrected(Array(changes.keys)) : [:]
    let likely = withHints ? try await store.likelyOwners(of: observations) : [:]
    return observations.map { observation in
      var reading = Reading(observation, names)
      reading.likelyPatient = likely[observation.id]?.rawValue
      reading.likelyPatientName = names.name(likely[observation.id])
      reading.uncorrected = uncorrected[observation.id]?.map(\.rawValue)
      reading.changes = changes[observation.id]?.filter { scope.takes($0.patient) }.map { event in
        OwnershipStep(
          action: event.action.rawValue, patient: event.patient.rawValue, patientName: names.name(event.patient),
          uid: event.uid, at: Timestamp(event.at))
      }
      return reading
    }
  }
}

extension LocalAPI.Patient {
  package init(_ patient: Observations.Patient) {
    self.init(
      id: patient.id.rawValue, name: patient.name, addedAt: Timestamp(patient.addedAt),
      group: patient.group.rawValue)
  }
}

extension LocalAPI.Device {
  /// - Parameter connected: nil when nobody knows.
  package init(_ record: DeviceRecord, patients: [Observations.Patient], connected: Bool? = nil) {
    func name(_ id: PatientID) -> String? { patients.first { $0.id == id }?.name }
    let information = record.description.information
    let only = record.users.count == 1 && !record.isShared ? record.users.first : nil
    let owner = record.users.first { $0.slot == nil } ?? only
    self.init(
      id: record.id.rawValue, address: record.description.address, name: record.description.name,
      profile: record.description.profile, patient: owner?.patient.rawValue,
      patientName: owner.flatMap { name($0.patient) },
      manufacturer: information.manufacturer, model: information.model, serial: information.serial,
      firmware: information.firmware, authentication: record.authentication.rawValue,
      simulated: record.id.rawValue.hasPrefix("sim:"), connected: connected, pairedAt: Timestamp(record.pairedAt),
      lastSeen: record.lastSeen.map { Timestamp($0) }, clockOffset: record.clockOffset,
      users: record.users.map {
        LocalAPI.DeviceUser(slot: $0.slot, patient: $0.patient.rawValue, patientName: name($0.patient))
      }, battery: record.battery, shared: record.isShared ? true : nil)
  }
}

extension Alert {
  /// - Parameter id: its number in the log, or what stands for it while it is not in the log.
  init(_ transition: AlertTransition, id: String, _ names: Names) {
    var words = "\(transition.measure) \(transition.value)"
    if transition.component != nil { words += " \(transition.unit.display)" }
    if transition.fact != nil { words += " \(transition.unit.display)" + (transition.about.map { " of \($0)" } ?? "") }
    let by = transition.acknowledgement.map(\.name)
    if let stage = transition.stage { words += ", \(stage.rawValue)" }
    if let by { words += " by \(by)" }
    if let way = transition.acknowledgement?.way { words += ", from outside by \(way.rawValue)" }
    let limit = "\(transition.comparison.rawValue) \(transition.limit)"
    // What is not of now says so before anything else.
    var time = transition.isLate ? "of \(Timestamp(transition.at)): " : ""
    if let since = transition.since {
      time = "of \(Timestamp(since)) to \(Timestamp(transition.at)): "
      for (component, value) in (transition.values ?? [:]).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        words += ", worst \(component.rawValue) \(value)"
      }
    }
    self.init(
      id: id, rule: transition.rule.rawValue, severity: transition.severity.rawValue, state: transition.word,
      episode: transition.episode.rawValue, patient: transition.patient?.rawValue,
      patientName: names.name(transition.patient),
      device: transition.device == .gateway ? nil : transition.device.rawValue,
      reading: transition.observation?.rawValue,
      message: time + "\(transition.rule) \(transition.word): \(words) (\(limit))",
      stage: transition.stage?.rawValue, component: transition.measure, value: transition.value,
      comparison: transition.comparison.rawValue,
      limit: transition.limit, unit: transition.unit.display, at: Timestamp(transition.at),
      simulated: transition.isSimulated, stored: !transition.notStored,
      timeUncertain: transition.timeIsUncertain, since: transition.since.map { Timestamp($0) }, by: by,
      about: transition.about, way: transition.acknowledgement?.way?.rawValue)
  }
}

extension LocalAPI.Consent {
  init(_ consent: StoredConsent, _ names: Names) {
    self.init(
      id: String(consent.id), patient: consent.patient.rawValue, patientName: names.name(consent.patient),
      destination: consent.destination.rawValue, who: consent.grantee, relationship: consent.relationship,
      grantedAt: Timestamp(consent.grantedAt), withdrawnAt: consent.withdrawnAt.map { Timestamp($0) })
  }
}

extension LocalAPI.Delivery {
  init(_ record: DeliveryRecord) {
    self.init(
      id: String(record.id.rawValue), destination: record.destination.rawValue, state: record.state.rawValue,
      content: record.observation == nil ? "alert" : "observation",
      subject: record.observation?.rawValue ?? record.idempotencyKey, attempts: record.attempts,
      lastError: record.reason,
      dueAt: record.nextAttemptAt.map { Timestamp($0) }, createdAt: Timestamp(record.createdAt),
      firstAttemptAt: record.firstAttemptAt.map { Timestamp($0) }, finishedAt: record.finishedAt.map { Timestamp($0) },
      needsCorrection: record.needsCorrection ? true : nil)
  }
}
