import Foundation
import HealthRecords
import Observations
package import Store

/// Brings readings to a FHIR R4 server as transaction Bundles with conditional create: at least once from here, once
/// there.
package struct FHIRForwarder: Forwarder {
  static let kind = ForwarderKind(
    name: "fhir", takesObservations: true, takesAlerts: false, retry: .readings
  ) { settings, surroundings throws(DestinationFault) in
    try FHIRForwarder(settings, surroundings)
  }

  /// About 150 kB of JSON.
  package let batchLimit = 25

  let url: DestinationURL
  let token: SecretFile?
  let settings: DestinationSettings
  let surroundings: ForwarderSurroundings

  /// - Throws: what is wrong with the address or the token's file.
  init(_ settings: DestinationSettings, _ surroundings: ForwarderSurroundings) throws(DestinationFault) {
    url = try DestinationURL(settings.url, allowsPrivate: settings.allowsPrivate)
    token = settings.secretFile.map(SecretFile.init)
    _ = try token?.lines()
    _ = try CertificateAuthority.of(settings)
    self.settings = settings
    self.surroundings = surroundings
  }

  /// What one request came to.
  private enum Result {
    case taken
    /// The server looked at the content and refused it.
    case refused(reason: String)
    case failed(after: Duration?, reason: String)
  }

  package func deliver(_ deliveries: [Delivery]) async throws(CancellationError) -> [DeliveryOutcome] {
    var outcomes = deliveries.map { unfit($0) }
    let readings = deliveries.indices.compactMap { index in
      outcomes[index] == nil ? deliveries[index].reading.map { (index, $0) } : nil
    }
    switch try await post(readings.map(\.1)) {
    case .taken:
      for (index, _) in readings { outcomes[index] = .delivered }
    case .failed(let after, let reason):
      for (index, _) in readings { outcomes[index] = .destinationFailed(after: after, reason: reason) }
    case .refused(let reason) where readings.count == 1:
      outcomes[readings[0].0] = .rejected(reason: reason)
    case .refused:
      // One bad reading spoils a transaction: each by itself, in order, so that only that one is left behind.
      for (index, reading) in readings {
        switch try await post([reading]) {
        case .taken: outcomes[index] = .delivered
        case .refused(let reason): outcomes[index] = .rejected(reason: reason)
        case .failed(let after, let reason):
          outcomes[index] = .destinationFailed(after: after, reason: reason)
          return Array(outcomes[...index].compactMap { $0 })
        }
      }
    }
    return outcomes.compactMap { $0 }
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

  private func post(_ readings: [ObservationForRecord]) async throws(CancellationError) -> Result {
    guard !readings.isEmpty else { return .taken }
    let transaction = FHIRTransaction(
      readings, gateway: surroundings.gateway, naming: settings.naming, timeZone: surroundings.timeZone)
    var headers = [
      ("Content-Type", FHIRTransaction.contentType), ("Accept", FHIRTransaction.contentType),
      ("Prefer", "return=minimal"),
    ]
    let authority: CertificateAuthority?
    do {
      if let line = try token?.lines().first { headers.append(("Authorization", "Bearer \(line.text)")) }
      authority = try CertificateAuthority.of(settings)
    } catch {
      return .failed(after: nil, reason: error.description)
    }
    let answer: OutboundHTTP.Answer
    do {
      answer = try await surroundings.http.post(
        transaction.bytes, to: url, headers: headers, limit: settings.timeLimit ?? .seconds(30),
        trusting: authority)
    } catch .cancelled {
      throw CancellationError()
    } catch {
      return .failed(after: nil, reason: error.description)
    }
    return result(answer, of: transaction, hiding: readings)
  }

  private func result(
    _ answer: OutboundHTTP.Answer, of transaction: FHIRTransaction, hiding readings: [ObservationForRecord]
  ) -> Result {
    let said = "\(url.host) answered \(answer.status)"
    let content = TransactionAnswer(body: answer.body)
    switch answer.status {
    case 200, 201:
      guard let fault = content.fault(expecting: transaction.entryCount) else { return .taken }
      return .failed(after: nil, reason: "\(said), but \(fault); is url the base address of a FHIR server?")
    // 412: several resources match a condition. Without an OperationOutcome it was no FHIR server that refused, but
    // something on the way, and the readings are not to blame.
    case 400, 412, 422:
      guard content.isOperationOutcome else { return .failed(after: answer.retryAfter, reason: said) }
      let words = readings.flatMap { reading in
        [reading.patient.id.rawValue, reading.patient.name, reading.device.address, reading.device.information.serial]
          .compactMap { $0 }
      }
      return .refused(reason: "\(said): \(content.refusal(hiding: words))")
    case 413 where readings.count > 1: return .refused(reason: said)
    case 401, 403: return .failed(after: answer.retryAfter, reason: "\(said): check the token in secret-file")
    case 300..<400: return .failed(after: nil, reason: "\(said), a redirect; set url to where it points")
    default: return .failed(after: answer.retryAfter, reason: said)
    }
  }
}

extension Delivery {
  /// Nil for an alert.
  var reading: ObservationForRecord? {
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
