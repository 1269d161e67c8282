import Foundation
import HealthRecords
import Observations
package import Store

/// Brings readings to a FHIR R4 server as transaction Bundles: at least once from here, once there, by conditional create
/// or, where the server offers only that, by update as create.
package struct FHIRForwarder: Forwarder {
  static let kind = ForwarderKind(
    name: "fhir", takesObservations: true, takesAlerts: false, takesAverages: true, retry: .readings
  ) { settings, surroundings throws(DestinationFault) in
    try FHIRForwarder(settings, surroundings)
  }

  package var batchLimit: Int { size.value }

  let settings: DestinationSettings
  private let server: FHIRServer
  private let size = BatchSize()

  /// How long a person's readings are held before the server's record of the person is looked at again.
  private static let holding: Duration = .seconds(900)

  /// - Throws: what is wrong with the address or with what the server is shown.
  init(_ settings: DestinationSettings, _ surroundings: ForwarderSurroundings) throws(DestinationFault) {
    let url = try Self.check(settings)
    self.settings = settings
    server = FHIRServer(url, settings, surroundings)
  }

  /// - Throws: what is wrong with the address or with what the server is shown.
  @discardableResult
  static func check(_ settings: DestinationSettings) throws(DestinationFault) -> DestinationURL {
    let url = try DestinationURL(settings.url, allowsPrivate: settings.allowsPrivate)
    try RequestProof.check(settings)
    return url
  }

  package func deliver(_ deliveries: [Delivery]) async throws(CancellationError) -> [DeliveryOutcome] {
    var outcomes = deliveries.map { unfit($0) }
    let readings = deliveries.indices.compactMap { index -> Item? in
      guard outcomes[index] == nil else { return nil }
      return deliveries[index].reading.map {
        Item(index: index, id: deliveries[index].id, reading: $0, person: deliveries[index].content.personInOrder)
      }
    }
    if !readings.isEmpty {
      do throws(DestinationTrouble) {
        try await server.prepare()
        var putOff: Set<PatientID> = []
        try await send(try await hold(readings, &outcomes)[...], &putOff, &outcomes)
      } catch {
        let rest: DeliveryOutcome
        switch error {
        case .cancelled: throw CancellationError()
        case .refused(let reason): rest = .destinationRefuses(reason: reason)
        case .failed(let after, let reason):
          size.failed()
          rest = .destinationFailed(after: after, reason: reason)
        }
        outcomes = outcomes.map { $0 ?? rest }
      }
    }
    return outcomes.compactMap { $0 }
  }

  private struct Item {
    var index: Int
    var id: DeliveryID
    var reading: ObservationForRecord
    /// Whose new readings it stands in a row with.
    var person: PatientID?
  }

  /// The outcome of what is not sent at all.
  private func unfit(_ delivery: Delivery) -> DeliveryOutcome? {
    if delivery.reading == nil {
      // R4 has no agreed resource for a home alert; a wrong interpretation code would break the profile.
      return .rejected(reason: "a FHIR destination takes readings, not alerts")
    }
    if delivery.content.isSimulated && !settings.takesSimulated {
      return .rejected(reason: "a simulated reading, and this destination does not take them")
    }
    return nil
  }

  /// Those of nobody whose readings are held.
  private func hold(
    _ items: [Item], _ outcomes: inout [DeliveryOutcome?]
  ) async throws(DestinationTrouble) -> [Item] {
    var objections: [PatientID: String?] = [:]
    var ready: [Item] = []
    for item in items {
      let patient = item.reading.patient
      if objections[patient.id] == nil {
        objections[patient.id] = .some(try await server.objection(to: patient))
      }
      if let objection = objections[patient.id] ?? nil {
        outcomes[item.index] = .retry(after: Self.holding, reason: objection)
      } else {
        ready.append(item)
      }
    }
    return ready
  }

  /// In their order. What is refused is found by halving, so that only that is left behind, with what follows it of the same
  /// person where it may be taken later.
  ///
  /// - Parameter putOff: whose readings wait behind one that was put off.
  private func send(
    _ all: ArraySlice<Item>, _ putOff: inout Set<PatientID>, _ outcomes: inout [DeliveryOutcome?]
  ) async throws(DestinationTrouble) {
    var items = all
    if !putOff.isEmpty {
      items = []
      for item in all {
        if let person = item.person, putOff.contains(person) {
          outcomes[item.index] = .behind
        } else {
          items.append(item)
        }
      }
    }
    guard let first = items.first else { return }
    let start = ContinuousClock.now
    let reply = try await server.post(items.map(\.reading))
    switch reply {
    case .taken:
      size.took(items.count, in: .now - start)
      for item in items { outcomes[item.index] = .delivered }
      return
    case .tooLarge(let words):
      guard items.count > 1 else {
        throw .refused(reason: "\(words): it does not take even one reading; its limit has to be raised")
      }
      size.refused(items.count)
    case .refused, .conflict:
      guard items.count > 1 else {
        let outcome = try await settle(first, reply)
        outcomes[first.index] = outcome
        if case .retry = outcome, let person = first.person { putOff.insert(person) }
        return
      }
    }
    let middle = items.startIndex + items.count / 2
    try await send(items[..<middle], &putOff, &outcomes)
    try await send(items[middle...], &putOff, &outcomes)
  }

  /// One that was not taken: it may be right, and what it refers to gone or double.
  private func settle(_ item: Item, _ first: FHIRServer.Reply) async throws(DestinationTrouble) -> DeliveryOutcome {
    if let objection = try await server.objection(to: item.reading.patient, anew: true) {
      return .retry(after: Self.holding, reason: objection)
    }
    let known = try await server.find(item.reading)
    if case .conflict = first {
      let doubles = known.filter { $0.value.count > 1 }.map { "\($0.value.count) of \($0.key.type)" }.sorted()
      if !doubles.isEmpty {
        await server.keep(
          "The server has several resources under one identifier: \(doubles.joined(separator: ", ")).", to: item.id)
      }
    }
    switch try await server.post([item.reading], known: known) {
    case .taken: return .delivered
    case .refused(let words, let answer):
      await server.keep(answer, to: item.id)
      return .rejected(reason: words)
    case .conflict(let words, let answer):
      // Nothing is wrong with the reading.
      await server.keep(answer, to: item.id)
      return .retry(after: Self.holding, reason: words)
    case .tooLarge(let words):
      throw .refused(reason: "\(words): it does not take even one reading; its limit has to be raised")
    }
  }
}

extension Delivery {
  /// Nil for an alert.
  var reading: ObservationForRecord? {
    var reading = bareReading
    if let patient = reading?.patient {
      reading?.sources = sources.map {
        ObservationForRecord($0.observation, of: patient, by: $0.device, namesPatient: $0.namesPatient)
      }
    }
    return reading
  }

  private var bareReading: ObservationForRecord? {
    switch content {
    case .observation(let observation, let patient, let device):
      ObservationForRecord(
        observation, of: patient, by: device, standing: restates ? .restated : .new, namesPatient: namesPatient)
    case .observationWithdrawn(let observation, let patient, let device):
      ObservationForRecord(observation, of: patient, by: device, standing: .withdrawn, namesPatient: namesPatient)
    case .alert, .alertWithdrawn: nil
    }
  }
}
