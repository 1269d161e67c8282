import BluetoothLE
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct ViolationTests {
  /// A device does it at each visit, for years.
  @Test func whatADeviceDoesAgainstTheProtocolIsLoggedOnce() async throws {
    try await ArmedHouse.with { (house) async throws in
      let cuff = try house.cuff()
      let violations = [ATTViolation.unrequestedConfirmation, .unrequestedConfirmation]
      for _ in 1...3 { await house.service.noteViolations(of: cuff.address, violations) }
      await house.service.noteViolations(of: cuff.address, [])
      let lines = house.book.all.filter { $0.hasPrefix("F0:F1:F2:F3:F4:F5 broke") }
      #expect(lines.count == 1)
      #expect(lines.first?.hasSuffix("The device confirmed an indication that nobody sent.") == true)
    }
  }
}
