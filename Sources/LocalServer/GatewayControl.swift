package import LocalAPI
package import Observations
package import Store

/// What only the running gateway can do or tell; the module that wires it fills this in.
package struct GatewayControl: Sendable {
  package var status: @Sendable () async -> Status
  package var doctor: @Sendable () async -> DoctorReport
  /// Devices as they are heard, the same one again when something of it changed. The stream ends when the time is over;
  /// when it is no longer read, the looking stops. Throws with ``LocalAPI/APIError/Code/bluetoothUnavailable`` or
  /// ``LocalAPI/APIError/Code/busy``.
  package var scan: @Sendable (ScanRequest) async throws(APIError) -> AsyncStream<FoundDevice>
  /// Begins a pairing. The patient and the device of the request are ids here, whatever names the client gave.
  package var pair: @Sendable (PairingRequest) async throws(APIError) -> GatewayPairing
  /// Forgets keys and subscriptions, here and in the kernel. Throws with ``LocalAPI/APIError/Code/notFound``.
  package var unpair: @Sendable (DeviceID) async throws(APIError) -> Void
  /// The rules and destinations as they are now.
  package var policy: @Sendable () -> IngestPolicy
  /// Reads the configuration anew; a file that is wrong is in the answer.
  package var reload: @Sendable () async -> ReloadAnswer = { ReloadAnswer(applied: false) }
  /// All of the household for another box. Throws with ``LocalAPI/APIError/Code/storeUnavailable``.
  package var backup: @Sendable () async throws(APIError) -> GatewayBackup = { () throws(APIError) in
    throw APIError(APIError.Code.storeUnavailable, "this gateway makes no backups")
  }
  /// Which accounts may do what, as it is now: asked with each request.
  package var access: @Sendable () -> AccessPolicy = { AccessPolicy() }
  /// Webhooks on somebody's word.
  package var webhooks = WebhookControl.none
  /// The household's record in FHIR; nil: it is not answered.
  package var record: LocalRecord?
  /// Tries now what waits for a destination or was refused by it, or one delivery of it; how many are tried. Throws with
  /// ``LocalAPI/APIError/Code/notFound``.
  package var retryDeliveries: @Sendable (DestinationID?, DeliveryID?) async throws -> Int = { _, _ in 0 }

  package init(
    status: @escaping @Sendable () async -> Status, doctor: @escaping @Sendable () async -> DoctorReport,
    scan: @escaping @Sendable (ScanRequest) async throws(APIError) -> AsyncStream<FoundDevice>,
    pair: @escaping @Sendable (PairingRequest) async throws(APIError) -> GatewayPairing,
    unpair: @escaping @Sendable (DeviceID) async throws(APIError) -> Void,
    policy: @escaping @Sendable () -> IngestPolicy
  ) {
    self.status = status
    self.doctor = doctor
    self.scan = scan
    self.pair = pair
    self.unpair = unpair
    self.policy = policy
  }
}

/// A backup that can be fetched: a tar archive, in the clear.
package struct GatewayBackup: Sendable {
  /// Gives all of it, piece by piece.
  package var write: @Sendable (_ give: ([UInt8]) async throws -> Void) async throws -> Void

  package init(write: @escaping @Sendable (_ give: ([UInt8]) async throws -> Void) async throws -> Void) {
    self.write = write
  }
}

/// A pairing that goes on.
package struct GatewayPairing: Sendable {
  /// All that happens, from the beginning; buffered until its one reader comes. `finished` or `failed` is the last event,
  /// and then the stream ends.
  package var events: AsyncStream<PairingEvent>
  /// Throws with ``LocalAPI/APIError/Code/invalid`` when nothing was asked that this answers.
  package var answer: @Sendable (PairingAnswer) async throws(APIError) -> Void
  /// Ends it with `failed`; nothing when it has ended.
  package var cancel: @Sendable () async -> Void

  package init(
    events: AsyncStream<PairingEvent>, answer: @escaping @Sendable (PairingAnswer) async throws(APIError) -> Void,
    cancel: @escaping @Sendable () async -> Void
  ) {
    self.events = events
    self.answer = answer
    self.cancel = cancel
  }
}
