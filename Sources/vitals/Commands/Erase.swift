import ArgumentParser
import Foundation
import LocalAPI

struct Erase: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: RecordText.erase.inProcess, discussion: RecordText.eraseExamples.inProcess)

  @Argument(help: ArgumentHelp(RecordText.erasePatient.inProcess))
  var patient: String

  @Flag(help: ArgumentHelp(RecordText.eraseYes.inProcess))
  var yes = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if patient.allSatisfy(\.isWhitespace) { throw ValidationError.wrong(.emptyPerson) }
  }

  func run() async throws {
    let console = common.console
    let client = common.client
    let preview = try await client.erasurePreview(patient)
    var typed = preview.patient
    if !yes {
      guard let answer = Self.ask(preview, console, line: { readLine() }) else {
        throw CommandFailure(.failed, console.text(RecordText.eraseNothing))
      }
      typed = answer
    }
    let erasure = try await client.erase(ErasureRequest(patient: preview.patient, confirmation: typed))
    if console.json { return try console.document(erasure) }
    Self.show(erasure, console)
  }

  /// What was typed for the person's name; nil: somebody would rather not. Whether it is the name, the daemon says.
  static func ask(_ preview: Erasure, _ console: Console, line: () -> String?) -> String? {
    console.say(
      RecordText.eraseWhat,
      [
        "person": preview.patientName, "id": preview.patient, "readings": String(preview.readings),
        "alerts": String(preview.alerts),
      ], .bad)
    if !preview.destinations.isEmpty {
      console.say(RecordText.eraseDestinations, ["names": preview.destinations.joined(separator: ", ")], .warning)
    }
    console.ask(console.text(RecordText.eraseFirst))
    guard ["yes", "có", "co"].contains(line()?.precomposedStringWithCanonicalMapping.lowercased() ?? "") else {
      return nil
    }
    console.ask(console.text(RecordText.eraseSecond))
    guard let typed = line(), !typed.allSatisfy(\.isWhitespace) else { return nil }
    return typed
  }

  static func show(_ erasure: Erasure, _ console: Console) {
    console.say(
      RecordText.erased,
      ["id": erasure.patient, "readings": String(erasure.readings), "alerts": String(erasure.alerts)], .good)
    if !erasure.destinations.isEmpty {
      console.say(RecordText.eraseDestinations, ["names": erasure.destinations.joined(separator: ", ")], .warning)
      console.say(RecordText.eraseDestinationsRemedy)
    }
    if !erasure.otherFiles.isEmpty {
      console.say(RecordText.eraseOtherFiles, ["names": erasure.otherFiles.joined(separator: ", ")], .warning)
    }
    console.say(RecordText.eraseStays, [:], .faint)
    if !erasure.clean { console.say(RecordText.eraseNotClean, [:], .bad) }
  }
}
