import Devices
import Forwarding
import Foundation
import LocalAPI
import LocalServer
import Observations
import Store

/// What the local server asks of the running gateway.
struct ControlDesk: Sendable {
  let running: RunningConfiguration
  let startedAt: Date
  let store: Store
  let health: Health
  let ingest: Ingest
  let budget: DiskBudget
  let forwarding: ForwardingService
  let visits: VisitBoard
  let bluetooth: BluetoothService?
  let straps: ANTStraps
  let answers: AnswerDesk
  let heartbeats: HeartbeatBoard
  let reloader: Reloader

  private var configuration: Configuration { running.configuration }

  var gatewayControl: GatewayControl {
    var control = GatewayControl(
      status: { await status() },
      doctor: {
        await Doctor(
          configuration: configuration, store: store, health: health, bluetooth: bluetooth, boxClock: ingest.clock,
          straps: straps
        ).examine()
      },
      scan: { (request) async throws(APIError) in try await requireBluetooth().scan(request) },
      pair: { (request) async throws(APIError) in try pair(request) },
      unpair: { (id) async throws(APIError) in try await unpair(id) },
      policy: { ingest.policy })
    control.reload = { await reloader.reload() }
    control.access = { configuration.access }
    control.backup = { () async throws(APIError) in try await backup() }
    control.webhooks = WebhookDesk(forwarding: forwarding).control
    control.retryDeliveries = { (destination, id) in
      let known = configuration.destinations.map(\.id)
      guard destination.map(known.contains) ?? true else {
        throw APIError.unknownDestination(destination?.rawValue ?? "", known: known.map(\.rawValue))
      }
      return try await forwarding.retry(destination, id: id)
    }
    return control
  }

  private func requireBluetooth() throws(APIError) -> BluetoothService {
    guard let bluetooth else {
      throw APIError(
        APIError.Code.bluetoothUnavailable, "Bluetooth is switched off in the configuration.",
        remedy: "Set bluetooth: {enabled: true} in vitalsd.yaml and restart the service.")
    }
    return bluetooth
  }

  private func backup() async throws(APIError) -> GatewayBackup {
    let refused = health.warnings.contains { $0.kind == HealthWarning.Kind.ownAddressRefused }
    do throws(StoreFailure) {
      return try await HouseholdBackup(
        loaded: running.loaded, store: store, bondsAreOfAdapter: refused, now: ingest.clock.now().wall
      ).prepare()
    } catch {
      throw APIError(
        APIError.Code.storeUnavailable, "no backup was made: \(error)",
        remedy: error == .fullDisk
          ? "for a short time it takes as much of the box's disk as the readings do; nothing was removed for it" : nil)
    }
  }

  private func status() async -> Status {
    let destinations = await forwarding.status()
    // One that refuses for good (410: it wants no more) is nobody who is told.
    let refusing = Set(destinations.filter(\.refuses).map(\.id))
    let takers = ingest.policy.destinations.filter { !refusing.contains($0.id) }
    let unreachable = (try? await store.unreachablePatients(takers)) ?? []
    let failing = health.warnings.first { $0.kind == HealthWarning.Kind.storeNotCommitting }
    return Status(
      version: Version.current, startedAt: Timestamp(startedAt),
      adapter: await bluetooth?.adapterStatus
        ?? Status.Adapter(state: .disabled, sentence: "Bluetooth is switched off in the configuration."),
      bluetooth: await bluetooth?.awaitedDevices ?? [], visits: await visits.visits(),
      store: Status.Storage(
        ok: failing == nil, sentence: failing?.title, room: await budget.room(),
        lastCopy: store.verifiedCopies.first.map { Timestamp($0.madeAt) }),
      destinations: destinations.map {
        Status.Destination(
          name: $0.id.rawValue, kind: $0.kind, waiting: $0.waiting ?? 0,
          lastError: $0.isFailing ? $0.lastFailureReason : nil, lastDelivered: $0.lastSuccess.map { Timestamp($0) })
      },
      warnings: health.warnings + destinations.filter(\.isFailing).map { DestinationWarnings.failing($0) }
        + DestinationWarnings.held(destinations, try? await store.patients())
        + destinations.filter { $0.rejected > 0 }.map(Self.refusal) + (await closedDeliveries()),
      unreachable: unreachable.map { Status.Unreachable(patient: $0.id.rawValue, patientName: $0.name) },
      answers: configuration.answers == nil ? nil : answers.status,
      heartbeat: configuration.heartbeat.map(heartbeats.status))
  }

  /// How long it is said that deliveries were closed with their destination, in seconds.
  private static let closingIsSaid: TimeInterval = 7 * 86_400

  private func closedDeliveries() async -> [HealthWarning] {
    let closed = try? await store.closedDeliveries(since: Date().addingTimeInterval(-Self.closingIsSaid))
    return (closed ?? [:]).sorted { $0.key.rawValue < $1.key.rawValue }.map { id, closed in
      HealthWarning(
        id: "\(HealthWarning.Kind.deliveriesClosed):\(id)", severity: .warning,
        title:
          "\(id) was removed from the configuration; \(closed.count) deliveries that waited for it were closed and "
          + "do not arrive there.",
        remedy: "'vitals deliveries --destination \(id) --state cancelled' shows which; tell them by other means if "
          + "need be.",
        since: Timestamp(closed.last), parameters: ["destination": id.rawValue, "count": "\(closed.count)"])
    }
  }

  private static func refusal(_ destination: DestinationStatus) -> HealthWarning {
    HealthWarning(
      id: "\(HealthWarning.Kind.destinationRefuses):\(destination.id)", severity: .error,
      title: "\(destination.id) refused \(destination.rejected) deliveries for good; the last: "
        + "\(destination.lastRejectionReason ?? "no reason given").",
      remedy: "They don't arrive there by themselves. 'vitals deliveries list --destination \(destination.id) --state "
        + "rejected' shows which, and 'show' why; once that is mended, 'vitals deliveries retry' sends them again.",
      since: Timestamp(destination.lastRejection ?? Date()),
      parameters: ["destination": destination.id.rawValue, "count": "\(destination.rejected)"])
  }

  private func pair(_ request: PairingRequest) throws(APIError) -> GatewayPairing {
    let bluetooth = try requireBluetooth()
    let conversation = PairingConversation(id: request.again ?? request.address ?? "any")
    let task = Task {
      if let recording = request.recording {
        await bluetooth.record(request, recording, conversation)
      } else {
        await bluetooth.pair(request, conversation)
      }
    }
    return GatewayPairing(
      events: conversation.events,
      answer: { (answer) async throws(APIError) in conversation.answer(answer) },
      cancel: {
        conversation.abandon()
        await task.value
      })
  }

  private func unpair(_ id: DeviceID) async throws(APIError) {
    do {
      if let bluetooth {
        try await bluetooth.unpair(id)
      } else {
        try await store.removeDevice(id)
      }
    } catch let error as APIError {
      throw error
    } catch StoreFailure.unknownDevice {
      throw APIError(APIError.Code.notFound, "no such device", remedy: "see 'vitals devices'")
    } catch {
      throw APIError(APIError.Code.storeUnavailable, "\(error)")
    }
  }
}
