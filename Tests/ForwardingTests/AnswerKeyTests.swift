import AlertRules
import Foundation
import HealthRecords
import Observations
import Store
import Testing

@testable import Forwarding

@Suite struct AnswerKeyTests {
  private static let octets = [UInt8](0..<32)
  private let key = AnswerKey(Self.octets)
  private static let told = Date(timeIntervalSince1970: 1_773_100_835)
  private static let until = told.addingTimeInterval(86_400)
  // Made by Python's hmac, hashlib and base64 after the layout in AnswerKey.
  private static let reply =
    "AgAAAABpsLCjAAABnNULoLgAAAAAAAAAAIZZqJ_SNWUDAmUxA21haSA9b0oV8M60zF63i23ZgzC_QhIO3w0SpK4JLwzY-tjS"
  private static let link =
    "AgAAAABpsLCjAAABnNULoLgAAAAAAAAAAIZZqJ_SNWUDAmUxA21hacLmOrRRZfNVkSrNoum-e4V5MTBFTr4bVxM6tToI787Z"
  private static let seventh =
    "AgAAAABpsLCjAAABnNULoLgAAAAAAAAAB4ZZqJ_SNWUDAmUxA21haSq7l5VQZcgrx3I0GMYaOIowxbkxLdihtMR2L4QuBMWl"

  private func token(
    _ way: AcknowledgementWay, message: String = "daughter|alert-e1-firing", episode: String = "e1",
    contact: String = "mai", row: Int64? = nil, until: Date = Self.until
  ) throws -> String {
    try #require(
      key.token(
        way, message: message, episode: EpisodeID(rawValue: episode), contact: ContactID(rawValue: contact),
        told: Self.told, row: row, until: until))
  }

  private func refusal(_ text: String, _ way: AcknowledgementWay, at now: Date = told) -> AnswerTokenRefusal? {
    if case .failure(let refusal) = key.read(text, way, now: now) { refusal } else { nil }
  }

  @Test func aTokenIsWhatItsLayoutSays() throws {
    #expect(try token(.reply) == Self.reply)
    #expect(try token(.link) == Self.link)
    #expect(try token(.reply, row: 7) == Self.seventh)
    #expect(try key.read(Self.seventh, .reply, now: Self.told).get().row == 7)
    let answer = try key.read(Self.reply, .reply, now: Self.told).get()
    #expect(answer.episode.rawValue == "e1")
    #expect(answer.contact.rawValue == "mai")
    #expect(answer.way == .reply)
    #expect(answer.told == Self.told)
    #expect(answer.row == nil)
  }

  @Test func itEnds() {
    #expect(refusal(Self.reply, .reply, at: Self.until.addingTimeInterval(-1)) == nil)
    #expect(refusal(Self.reply, .reply, at: Self.until) == .expired)
    #expect(refusal(Self.reply, .reply, at: .distantFuture) == .expired)
  }

  @Test func oneWaysTokenIsNoneOfTheOther() {
    #expect(refusal(Self.reply, .link) == .forged)
    #expect(refusal(Self.link, .reply) == .forged)
  }

  @Test func anotherBoxsTokenIsNone() {
    var other = Self.octets
    other[31] ^= 1
    guard case .failure(.forged) = AnswerKey(other).read(Self.reply, .reply, now: Self.told) else {
      Issue.record("taken")
      return
    }
  }

  /// Each bit changed, each beginning, more at the end: none is taken, and none ends the program.
  @Test func nothingCanBeChangedInIt() throws {
    let base64 = Self.reply.replacing("-", with: "+").replacing("_", with: "/") + "="
    let octets = try #require(Data(base64Encoded: base64 + (base64.count % 4 == 3 ? "=" : "")))
    func text(_ octets: Data) -> String {
      octets.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
    #expect(text(octets) == Self.reply)
    for bit in 0..<(octets.count * 8) {
      var changed = octets
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(refusal(text(changed), .reply) == .forged, "bit \(bit)")
    }
    for length in 0..<octets.count { #expect(refusal(text(octets.prefix(length)), .reply) == .forged) }
    #expect(refusal(text(octets + [0]), .reply) == .forged)
    for wrong in [
      "", " ", "=", Self.reply + "=", Self.reply + "\n", base64, String(repeating: "A", count: 1025),
      String(repeating: "A", count: 1_000_000), "%00", "../../etc/passwd", "ạ" + Self.reply,
    ] { #expect(refusal(wrong, .reply) == .forged) }
  }

  /// One answer written in two ways is known again: the last character of base64 has bits that mean nothing.
  @Test func anotherSpellingIsTheSameAnswer() throws {
    var names: Set<String> = []
    for contact in ["mai", "maia", "maiab"] {
      let right = try token(.reply, contact: contact)
      for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
        let text = String(right.dropLast()) + String(last)
        if case .success(let answer) = key.read(text, .reply, now: Self.told) { names.insert(answer.name) }
      }
    }
    #expect(names.count == 3)
  }

  /// Who has one token of the box has no other.
  @Test func eachTokenIsAnother() throws {
    var tokens: Set<String> = []
    var codes: Set<Substring> = []
    var count = 0
    for way in AcknowledgementWay.allCases {
      for message in ["a|1", "a|2", "b|1"] {
        for episode in ["e1", "e2", "e1m"] {
          for contact in ["mai", "ai", "lan"] {
            for seconds in [0.0, 1] {
              let token = try token(
                way, message: message, episode: episode, contact: contact, until: Self.until.addingTimeInterval(seconds)
              )
              tokens.insert(token)
              codes.insert(token.suffix(42))
              count += 1
            }
          }
        }
      }
    }
    #expect(tokens.count == count)
    #expect(codes.count == count)
  }

  @Test func aNameThatIsTooLongHasNone() {
    let long = ContactID(rawValue: String(repeating: "a", count: 256))
    #expect(
      key.token(
        .reply, message: "", episode: EpisodeID(rawValue: "e"), contact: long, told: Self.told, row: nil,
        until: Self.until)
        == nil)
  }

  // MARK: In messages

  private func ways(reply: Bool = true, page: Bool = true) -> AnswerWays {
    AnswerWays(
      key: key, lasting: 86_400, replyURL: reply ? "https://ntfy.example/answers" : nil,
      pageAddress: page ? "https://box.example" : nil)
  }

  private func delivery(_ change: (inout AlertTransition) -> Void = { _ in }) -> Delivery {
    var delivery = WebhookMessageTests.alert()
    guard case .alert(var alert, let patient) = delivery.content else { return delivery }
    change(&alert)
    delivery.content = .alert(alert, patient)
    delivery.idempotencyKey = alert.idempotencyKey
    return delivery
  }

  private func message(_ delivery: Delivery, _ ways: AnswerWays, at now: Date = Self.told) -> WebhookMessage {
    WebhookMessage(
      delivery, withValues: false, timeZone: .gmt,
      offer: ways.offer(delivery, to: ContactID(rawValue: "mai"), at: now))
  }

  @Test func aMessageOffersWhatTheConfigurationHas() throws {
    let both = message(delivery(), ways()).json["data"]?["ack"]
    #expect(both?["token"] == .string(Self.reply))
    #expect(both?["replyUrl"] == "https://ntfy.example/answers")
    #expect(both?["url"] == .string("https://box.example/answer/\(Self.link)"))
    #expect(both?["until"] == "2026-03-11T00:00:35+00:00")
    let reply = message(delivery(), ways(page: false)).json["data"]?["ack"]
    #expect(reply?["url"] == nil && reply?["token"] != nil)
    let page = message(delivery(), ways(reply: false)).json["data"]?["ack"]
    #expect(page?["token"] == nil && page?["replyUrl"] == nil && page?["url"] != nil)
    #expect(ways(reply: false, page: false).offer(delivery(), to: ContactID(rawValue: "mai"), at: Self.told) == nil)
  }

  /// The same at every attempt, whatever the row says of attempts; another for another destination and another step.
  @Test func aTokenIsOfItsMessage() throws {
    var again = delivery()
    again.attempts = 9
    #expect(message(again, ways()).body == message(delivery(), ways()).body)
    var other = delivery()
    other.destination = DestinationID(rawValue: "telegram")
    let step = delivery {
      $0.stage = .escalated; $0.ordinal = 1
    }
    let tokens = [delivery(), other, step].map { message($0, ways()).json["data"]?["ack"]?["token"] }
    #expect(Set(tokens).count == 3)
  }

  /// The router was off for three days: the button works for a day from when it comes, and counts once with those of the
  /// attempts before. A clock that was set back since takes nothing from it.
  @Test func aMessageThatWaitedComesWithAButtonThatWorks() throws {
    func token(at now: Date) throws -> String {
      guard case .string(let token)? = message(delivery(), ways(), at: now).json["data"]?["ack"]?["token"] else {
        throw TokenMissing()
      }
      return token
    }
    let late = Self.told.addingTimeInterval(3 * 86_400)
    let (first, last) = (try token(at: Self.told), try token(at: late))
    #expect(refusal(first, .reply, at: late) == .expired)
    #expect(refusal(last, .reply, at: late.addingTimeInterval(86_399)) == nil)
    #expect(refusal(last, .reply, at: late.addingTimeInterval(86_400)) == .expired)
    #expect(try token(at: Self.told.addingTimeInterval(-500_000)) == first)
    let names = try [(first, Self.told), (last, late)].map { try key.read($0.0, .reply, now: $0.1).get().name }
    #expect(Set(names).count == 1)
  }

  private struct TokenMissing: Error {}

  @Test func onlyWhatFiresCanBeAnswered() {
    func offered(_ change: (inout AlertTransition) -> Void) -> Bool {
      message(delivery(change), ways()).json["data"]?["ack"] != nil
    }
    for stage in [AlertStage.first, .confirmed, .notRepeated, .still, .escalated, .reopened] {
      #expect(offered { $0.stage = stage }, "\(stage)")
    }
    for stage in [AlertStage.acknowledged, .summary, .unanswered] { #expect(!offered { $0.stage = stage }, "\(stage)") }
    #expect(!offered { $0.to = .resolved })
    #expect(!offered { ($0.to, $0.stage) = (.resolved, .notConfirmed) })
  }
}
