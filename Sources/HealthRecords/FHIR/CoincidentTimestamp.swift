import Foundation
import Observations

/// What the device's clock showed at a moment of the gateway's clock (PhdCoincidentTimeStampObservation): it explains
/// why a reading's time differs from the device's own.
struct CoincidentTimestamp: Hashable {
  let device: DeviceDescription
  /// The gateway's time, on a whole minute: readings of one visit share one comparison, and its identifier says all
  /// that the resource does, so that a repeat adds nothing. (The guide gives it no identifier: every repeat would add
  /// one.)
  let moment: Date
  /// Device clock minus ours in whole seconds.
  let offset: Int
  let isSimulated: Bool

  /// Nil unless the reading's time comes from the device's clock and that clock was compared with ours.
  init?(_ reading: ObservationForRecord) {
    let observation = reading.observation
    guard observation.effective.basis == .deviceClock || observation.effective.basis == .deviceClockCorrected,
      let offset = observation.provenance.clockOffset, offset.isFinite, abs(offset) < 1e11
    else { return nil }
    device = reading.device
    moment = Date(
      timeIntervalSince1970: (observation.provenance.receivedAt.timeIntervalSince1970 / 60).rounded(.down) * 60)
    self.offset = Int(offset.rounded())
    isSimulated = observation.provenance.isSimulated
  }

  func identifier(gateway: GatewayDescription, _ naming: FHIRNaming) -> RecordIdentifier {
    let name = device.phdName ?? RecordIdentifier.digest(device.id.rawValue)
    let seconds = Int(moment.timeIntervalSince1970) - 946_684_800
    return RecordIdentifier(
      system: naming.clockSystem,
      value: "\(RecordIdentifier.octets(gateway.systemID, separator: ""))-\(name)-\(seconds)-\(offset)")
  }

  func entry(
    gateway: GatewayDescription, deviceURL: String, gatewayURL: String, _ naming: FHIRNaming, _ timeZone: TimeZone
  ) -> FHIRTransaction.Entry {
    let identifier = identifier(gateway: gateway, naming)
    return FHIRTransaction.Entry(
      identifier: identifier,
      resource: .object([
        "resourceType": "Observation",
        "meta": PartyResources.meta(
          [Terminology.phdProfile("PhdCoincidentTimeStampObservation")], isTest: isSimulated),
        "identifier": [identifier.json],
        "status": "final",
        "code": Terminology.concept(Terminology.absoluteTime),
        "subject": .object(["reference": .string(deviceURL)]),
        "effectiveDateTime": .string(FHIRDateTime.text(moment, in: timeZone)),
        "valueDateTime": .string(
          FHIRDateTime.text(moment.addingTimeInterval(TimeInterval(offset)), in: timeZone)),
        "device": .object(["reference": .string(gatewayURL)]),
      ]))
  }
}
