import HealthRecords
import Testing

@testable import Forwarding

/// What becomes of a message by what it was answered, how often and how long it was tried.
@Suite struct RefusalPolicyTests {
  private func answer(_ code: String, _ error: String = "") throws -> Acknowledgement {
    try Acknowledgement("MSH|^~\\&|\rMSA|\(code)|1\r\(error)\r".utf8)
  }

  private func outcome(
    _ answer: Acknowledgement, _ policy: RefusalPolicy = RefusalPolicy(), attempts: Int = 0,
    tried: Duration = .zero
  ) -> DeliveryOutcome {
    policy.outcome(answer, attempts: attempts, tried: tried, reason: "why")
  }

  private let setAside = DeliveryOutcome.rejected(reason: "why")
  private let hold = DeliveryOutcome.destinationFailed(after: nil, reason: "why")
  private let retry = DeliveryOutcome.retry(after: .seconds(2), reason: "why")

  @Test func acceptedIsDelivered() throws {
    for code in ["AA", "CA"] { #expect(outcome(try answer(code)) == .delivered) }
    // A warning is no refusal.
    #expect(outcome(try answer("AA", "ERR|||101|W")) == .delivered)
  }

  /// `AR` with 101 is a receiver that says `AR` for validation; `AE` with 207 is one that says `AE` for itself.
  @Test(arguments: ["AE", "AR", "CE", "CR"])
  func theCodeOfTheErrorCounts(code: String) throws {
    for number in [100, 101, 102, 103] { #expect(outcome(try answer(code, "ERR|||\(number)|E")) == setAside) }
    for number in [200, 201, 202, 203] { #expect(outcome(try answer(code, "ERR|||\(number)|E")) == hold) }
    for number in [204, 206, 207] { #expect(outcome(try answer(code, "ERR|||\(number)|E")) == retry) }
    #expect(outcome(try answer(code, "ERR||MSH^1^10|205|E")) == .delivered)
    #expect(outcome(try answer(code, "ERR||PID^1^3|205|E")) == setAside)
  }

  @Test func withoutACodeItIsTheDestinationsConfiguration() throws {
    #expect(outcome(try answer("AE")) == setAside)
    #expect(outcome(try answer("CE")) == setAside)
    #expect(outcome(try answer("AR")) == retry)
    #expect(outcome(try answer("CR", "ERR|||X99|E")) == retry)
    let other = RefusalPolicy(error: .hold, reject: .setAside)
    #expect(outcome(try answer("AE"), other) == hold)
    #expect(outcome(try answer("AR"), other) == setAside)
  }

  @Test func itIsTriedOftenAndLongEnoughAndThenSetAside() throws {
    let refusal = try answer("AR")
    let policy = RefusalPolicy(attempts: 4, period: .seconds(3600))
    func outcome(_ attempts: Int, _ tried: Duration) -> DeliveryOutcome {
      self.outcome(refusal, policy, attempts: attempts, tried: tried)
    }
    #expect(outcome(2, .seconds(9999)) == .retry(after: .seconds(8), reason: "why"))
    #expect(outcome(3, .seconds(3599)) == .retry(after: .seconds(16), reason: "why"))
    #expect(outcome(3, .seconds(3600)) == .rejected(reason: "why; tried 4 times"))
    #expect(outcome(99, .seconds(3599)) == .retry(after: .seconds(3600), reason: "why"))
    #expect(outcome(Int.max - 1, .zero) == .retry(after: .seconds(3600), reason: "why"))
  }
}
