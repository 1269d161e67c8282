import HealthRecords
import Hummingbird
import LocalAPI
import Logging
import Observations

/// A request that the local record does not answer, with what it says instead.
struct FHIRFailure: Error {
  var status: HTTPResponse.Status
  var outcome: OperationOutcome
  /// As of ``RequestFailure/hidden``.
  var hidden: PatientID?

  init(_ status: HTTPResponse.Status, _ code: OperationOutcome.Code, _ diagnostics: String) {
    self.status = status
    outcome = OperationOutcome([OperationOutcome.Issue(.error, code, diagnostics)])
  }

  /// A value that is none.
  static func invalid(_ name: String, _ value: String, expected: String) -> FHIRFailure {
    FHIRFailure(.badRequest, .value, "'\(name)' is '\(value)'; expected \(expected)")
  }

  /// What went wrong underneath.
  init(_ any: any Error, logger: Logger) {
    if let failure = any as? FHIRFailure {
      self = failure
      return
    }
    let failure = RequestFailure(any, logger: logger)
    let code: OperationOutcome.Code =
      switch failure.status {
      case .notFound: .notFound
      case .badRequest: .invalid
      case .forbidden: .forbidden
      case .serviceUnavailable: .transient
      default: .exception
      }
    self.init(failure.status, code, failure.error.message)
  }
}
