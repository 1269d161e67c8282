import Foundation
import Hummingbird
import LocalAPI
import Logging
import NIOCore
import NIOEmbedded
import Observations
import Store
import Testing

@testable import LocalServer

/// A client that goes between its question and the answer: nobody is its pairing's reader.
@Suite(.timeLimit(.minutes(10))) struct PairingReaderTests {
  @Test func aPairingWhoseAnswerNeverBeganIsGivenUp() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "v-" + ObservationID.random().rawValue)
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path)
    let (waits, patience) = AsyncStream.makeStream(of: Void.self)
    let pairings = Pairings(patience: { for await _ in waits {} })
    let said = Log<String>()
    let (events, _) = AsyncStream.makeStream(of: PairingEvent.self)
    let id = await pairings.add(
      GatewayPairing(
        events: events, answer: { (_) async throws(APIError) in }, cancel: { said.add("cancel") }))

    let router = Router(context: LocalContext.self)
    let gate = Gate(
      notes: AccessNotes(store: store, patience: .seconds(60)),
      accounts: Accounts(peer: { _ in 0 }, account: { Account(uid: $0) }), policy: { AccessPolicy() })
    PairingRoutes(store: store, control: .quiet(), pairings: pairings).add(to: Routes(router, gate))
    let request = Request(
      head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/v1/pairings/\(id)/events"),
      body: RequestBody(buffer: ByteBuffer()))
    let context = LocalContext(
      source: ApplicationRequestContextSource(
        channel: NIOAsyncTestingChannel(), logger: Logger(label: "test", level: .critical)))
    // As when its head cannot be written: the answer goes without having been given.
    let status = try await router.buildResponder().respond(to: request, context: context).status
    #expect(status == .ok)

    patience.finish()
    #expect(await said.next() == "cancel")
    await #expect(throws: RequestFailure.self) { try await pairings.find(id) }
    try await store.close()
  }
}
