import ArgumentParser
import Foundation
import LocalAPI
import Testing

@testable import vitals

@Suite struct OwnershipTests {
  @Test func assignTakesOneWord() throws {
    func assign(_ arguments: String...) throws -> AssignRequest {
      try #require(try Vitals.parseAsRoot(["assign", "UA-651"] + arguments) as? Assign).request
    }
    #expect(try assign("--patient", "Mai") == AssignRequest(patient: "Mai"))
    #expect(try assign("--user", "2", "--patient", "Mai") == AssignRequest(user: 2, patient: "Mai"))
    #expect(try assign("--user", "0", "--nobody") == AssignRequest(user: 0))
    #expect(try assign("--shared") == AssignRequest(shared: true))
  }

  @Test func claimTakesReadingsOrADevice() throws {
    func claim(_ arguments: String...) throws -> ClaimRequest {
      try #require(try Vitals.parseAsRoot(["claim", "--patient", "Mai"] + arguments) as? Claim).request
    }
    #expect(try claim("o-1", "o-2") == ClaimRequest(readings: ["o-1", "o-2"], patient: "Mai"))
    #expect(try claim("--device", "UA", "--user", "2") == ClaimRequest(device: "UA", user: 2, patient: "Mai"))
    let since = try claim("--device", "UA", "--since", "2026-11-22T07:30:00+07:00")
    #expect(since.since == "2026-11-22T00:30:00+00:00")
    #expect(since.readings == nil)
  }

  @Test func disownTakesReadings() throws {
    let disown = try #require(try Vitals.parseAsRoot(["disown", "o-1", "--corrected"]) as? Disown)
    #expect(disown.request == DisownRequest(readings: ["o-1"], corrected: true))
  }

  @Test(arguments: [
    ["assign", "UA"], ["assign", "UA", "--patient", "Mai", "--nobody"], ["assign", "UA", "--shared", "--user", "1"],
    ["assign", "UA", "--user", "255", "--nobody"], ["assign", "--nobody"], ["claim", "o-1"],
    ["claim", "--patient", "Mai"], ["claim", "o-1", "--patient", "Mai", "--device", "UA", "--user", "1"],
    ["claim", "o-1", "--patient", "Mai", "--user", "1"], ["claim", "--patient", "Mai", "--device", "UA"], ["disown"],
    ["readings", "--unassigned", "--patient", "Mai"],
  ])
  func wrongArgumentsAre64(arguments: [String]) {
    do {
      _ = try Vitals.parseAsRoot(arguments)
      Issue.record("accepted: \(arguments)")
    } catch {
      #expect(Vitals.exitCode(for: error).rawValue == 64)
    }
  }

  private func device(_ users: [DeviceUser], shared: Bool? = nil) -> Device {
    Device(
      id: "ble:A", name: "UA-651", profile: "sig/blood-pressure", patient: users.first { $0.slot == nil }?.patient,
      patientName: users.first { $0.slot == nil }?.patientName, simulated: false, users: users, shared: shared)
  }

  private let mai = DeviceUser(patient: "p-1", patientName: "Mai")
  private let son = DeviceUser(slot: 2, patient: "p-2", patientName: "Sơn")

  @Test func devicesSayWhoseTheyAre() {
    let console = Written().console()
    #expect(Devices.people(device([]), console) == "nobody yet")
    #expect(Devices.people(device([mai]), console) == "Mai")
    #expect(Devices.people(device([son, mai]), console) == "Mai, 2: Sơn")
    #expect(Devices.people(device([son]), console) == "2: Sơn")
    #expect(Devices.people(device([son], shared: true), console) == "shared, 2: Sơn")
    #expect(Devices.people(device([], shared: true), Written().console(.vi)) == "dùng chung")
  }

  @Test(arguments: [
    (AssignRequest(patient: "Mai"), "From the next reading on, what UA-651 measures without a user number is Mai's."),
    (AssignRequest(user: 2, patient: "Sơn"), "From the next reading on, user 2 of UA-651 is Sơn."),
    (
      AssignRequest(user: 3),
      "From the next reading on, user 3 of UA-651 is nobody known; what they measure waits to be claimed."
    ),
    (
      AssignRequest(shared: true),
      "UA-651 is shared: what it measures waits to be claimed, but for user numbers that somebody was given."
    ),
  ])
  func assignSaysWhatHolds(request: AssignRequest, sentence: String) {
    let written = Written()
    Assign.show(device([son, mai]), request, written.console())
    #expect(written.output.split(separator: "\n").first.map(String.init) == sentence)
  }

  private func stranger() -> Reading {
    var reading = Reading.cuff(patientName: nil)
    reading.patient = nil
    reading.userSlot = 2
    return reading
  }

  @Test func unassignedReadingsHaveTheirIdsAndAHint() {
    var reading = stranger()
    reading.likelyPatient = "p-1"
    reading.likelyPatientName = "Mai"
    let table = ReadingWords(language: .en, timeZone: .hanoi).table([reading], ids: true)
    #expect(
      table.lines().map(\.text) == [
        "TIME                     PERSON      READING                    DEVICE  NOTES                ID",
        "2026-11-22 07:30 +07:00  nobody yet  128/82 mmHg, pulse 71/min  UA-651  user 2, perhaps Mai  o1",
      ])
    reading.uncorrected = ["clinic", "daughter"]
    #expect(
      ReadingWords(language: .vi, timeZone: .hanoi).notes(reading)
        == "người dùng số 2, có thể của Mai, cần đính chính ở clinic, daughter")
  }

  @Test func claimSaysWhatChanged() {
    func say(_ answer: OwnershipAnswer) -> String {
      let written = Written()
      Claim.show(answer, written.console())
      return written.output.split(separator: "\n").last.map(String.init) ?? ""
    }
    #expect(
      say(OwnershipAnswer(readings: [.cuff()], changed: ["o1"], told: []))
        == "Recorded: these are Bà Mai's; 1 were nobody's.")
    #expect(
      say(OwnershipAnswer(readings: [.cuff()], changed: [], told: []))
        == "Nothing changed: these are Bà Mai's already.")
    #expect(say(OwnershipAnswer(readings: [], changed: [], told: [])) == "There is nothing to claim.")
  }

  @Test func disownSaysWhoWasTold() {
    let written = Written()
    Disown.show(
      OwnershipAnswer(readings: [stranger()], changed: ["o1"], told: ["record", "daughter"]), corrected: false,
      written.console())
    #expect(
      written.output.hasSuffix(
        """
        Recorded: these are nobody's now; 1 were taken back.
        Told, or may have been, under that name: record, daughter. A correction is sent there.
        'vitals status' says so while it has not arrived.

        """))
  }

  @Test func correctedSaysWhenNobodyWasTold() {
    func say(_ changed: [String]) -> String? {
      let written = Written()
      Disown.show(OwnershipAnswer(readings: [.cuff()], changed: changed, told: []), corrected: true, written.console())
      return written.output.split(separator: "\n").last.map(String.init)
    }
    #expect(say([]) == "Nothing changed: nobody was told.")
    #expect(say(["o1"]) == "Recorded: whoever was told knows better now.")
  }

  @Test func warningsAreSaidInVietnamese() {
    let words = HealthWords(
      kind: HealthWarning.Kind.readingsUnassigned, parameters: ["count": "3"], title: "english", remedy: "english", .vi)
    #expect(words.title == "Kết quả đo chưa rõ của ai: 3. Các kết quả này không được gửi đi đâu.")
  }

  @Test func theShapesArePinned() throws {
    func line(_ value: some Encodable) throws -> String {
      String(decoding: try LocalJSON.line(value, timeZone: .hanoi), as: UTF8.self)
    }
    #expect(try line(AssignRequest(user: 2, patient: "p-1")) == #"{"patient":"p-1","user":2}"#)
    #expect(
      try line(ClaimRequest(readings: ["o1"], patient: "p-1")) == #"{"patient":"p-1","readings":["o1"]}"#)
    #expect(
      try line(
        OwnershipStep(
          action: "claimed", patient: "p-1", patientName: "Mai", uid: 1000, at: Timestamp(morning)))
        == #"{"action":"claimed","at":"2026-11-22T07:30:00+07:00","patient":"p-1","patientName":"Mai","uid":1000}"#)
    #expect(
      try line(OwnershipAnswer(readings: [], changed: ["o1"], told: ["clinic"]))
        == #"{"changed":["o1"],"readings":[],"told":["clinic"]}"#)
  }
}
