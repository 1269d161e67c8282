import AlertRules
import Foundation
import Observations
import Testing

/// What a device kept of its own factory test is no reading: whatever number stands in it moves no rule.
@Suite struct NotMeasuredTests {
  private func observation(_ marks: Set<ObservationMark>) -> Observation {
    let device = DeviceID(rawValue: "ble:F0:F1:F2:F3:F4:F5")
    return Observation(
      id: ObservationID(rawValue: "o-1"),
      identity: ReadingIdentity(device: device, time: nil, format: "2A35", bytes: [4]), kind: .bloodPressure,
      device: device, patient: lan, userSlot: nil,
      effective: EffectiveTime(span: .instant(midnight), basis: .received),
      components: [
        ObservationComponent(MDC.pressBldNoninvSys, .absent(.notANumber)),
        ObservationComponent(MDC.pressBldNoninvDia, .absent(.notANumber)),
        ObservationComponent(MDC.pulsRateNonInv, .quantity(Quantity(200, .perMinute))),
      ],
      flags: [], marks: marks,
      provenance: Provenance(
        format: "2A35", bytes: [4], deviceTime: nil, clockOffset: nil, receivedAt: midnight, profile: "a/b",
        driver: "gatt-blood-pressure/1", authentication: .bonded, isSimulated: false))
  }

  @Test func nothingOfItReachesTheRules() {
    #expect(RuleSample(observation([]), live: true).values == [.pulse: 200])
    #expect(RuleSample(observation([.notMeasured]), live: true).values.isEmpty)
  }
}
