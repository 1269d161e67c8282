import Foundation
import HealthRecords
import Observations

extension FHIRServer {
  /// Why a person's readings are held; nil: nothing speaks against sending them. Somebody has to look at the server's record
  /// of the person first: a reading that goes to a Patient who was merged into another, or who is not there, is lost or
  /// lands with somebody else.
  ///
  /// - Parameter anew: looks even if it looked a short time ago.
  func objection(to patient: Patient, anew: Bool = false) async throws(DestinationTrouble) -> String? {
    let now = surroundings.now()
    if !anew, let last = lookedAt[patient.id], abs(now.timeIntervalSince(last)) < Self.trustedFor { return nil }
    let found: String?
    switch settings.patientNaming {
    case .known(let ids):
      guard let id = ids[patient.id] else {
        // The only objection for which nobody is asked: it must not make a server that is gone look as if it answered.
        try await seeThatItIsThere()
        return "no id of a Patient is configured for this person; name it under patient: ids"
      }
      found = try await objection(toPatientID: id)
    case .create, .reference: found = try await objection(toNamed: patient)
    }
    lookedAt[patient.id] = found == nil ? now : nil
    return found
  }

  private func objection(toNamed patient: Patient) async throws(DestinationTrouble) -> String? {
    let name = FHIRTransaction.patientName(patient, settings.naming)
    if let place = await party(name) { return try await objection(toPatientID: place.id) }
    // It need not let us look; then its answers to the readings have to do.
    guard let found = try await search(name) else { return try await objection(toAssigned: name) }
    if found.count > 1 {
      return "\(url.host) has \(found.count) Patients under this person's identifier; they have to be made one there"
    }
    guard let only = found.first, let place = only.place else {
      guard case .reference = settings.patientNaming else { return nil }
      return "\(url.host) has no Patient under this person's identifier; the person has to be registered there with it"
    }
    guard !only.isMerged else { return Self.merged(url.host) }
    await note(name, place)
    return nil
  }

  /// Where ids are assigned, a Patient that is there must not be put again: a clinic may have written more into it.
  private func objection(toAssigned name: ResourceName) async throws(DestinationTrouble) -> String? {
    guard creation == .update else { return nil }
    let answer = try await ask(nil, "Patient/\(name.assignedID)")
    guard answer.status == 200, let shown = try? JSONDecoder().decode(ShownResource.self, from: Data(answer.body)),
      let place = shown.place
    else { return nil }
    guard !shown.isMerged else { return Self.merged(url.host) }
    await note(name, place)
    return nil
  }

  private func objection(toPatientID id: String) async throws(DestinationTrouble) -> String? {
    let answer = try await ask(nil, "Patient/\(RecordIdentifierText.encoded(id))")
    switch answer.status {
    case 200:
      let shown = try? JSONDecoder().decode(ShownResource.self, from: Data(answer.body))
      return shown?.isMerged == true ? Self.merged(url.host) : nil
    case 404, 410:
      return "the Patient that this person's readings went to is no longer at \(url.host); ask there what became of it"
    case 401, 408, 429, 500...: throw trouble(answer)
    // It does not let us look.
    default: return nil
    }
  }

  private static func merged(_ host: String) -> String {
    "\(host) has merged this person's Patient into another, or closed it; ask there for the one that holds now, and name "
      + "it under patient: ids"
  }
}

/// An id within a path.
enum RecordIdentifierText {
  static func encoded(_ id: String) -> String {
    id.addingPercentEncoding(withAllowedCharacters: CharacterSet(charactersIn: "-._~").union(.alphanumerics)) ?? ""
  }
}
