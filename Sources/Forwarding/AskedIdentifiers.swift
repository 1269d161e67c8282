import HealthRecords
import Observations
import Store

extension ForwarderSurroundings {
  /// The same readings, each with those national numbers of its person that the destination's configuration asks for; of a
  /// reading that is taken back none.
  ///
  /// - Parameter systems: by kind, under which system; empty: it asks for none.
  /// - Throws: ``StoreFailure``: what is sent without them now might never get them.
  func identified(
    _ readings: [ObservationForRecord], _ systems: [NationalIdentifier.Kind: String]
  ) async throws(StoreFailure) -> [ObservationForRecord] {
    guard !systems.isEmpty, let store else { return readings }
    var known: [PatientID: [PersonIdentifier]] = [:]
    var identified = readings
    for index in identified.indices where identified[index].standing != .withdrawn {
      let patient = identified[index].patient.id
      if known[patient] == nil {
        known[patient] = try await store.identifiers(of: patient).compactMap { stored in
          guard let kind = NationalIdentifier.Kind(rawValue: stored.kind), let system = systems[kind],
            let number = try? NationalIdentifier(kind, stored.value)
          else { return nil }
          return PersonIdentifier(number, system: system)
        }
      }
      identified[index].identifiers = known[patient] ?? []
    }
    return identified
  }
}
