import Dispatch
import Foundation
import Store
import Testing

@testable import Forwarding

extension ReceiverTests {
  /// Against a token server that judges with PyJWT, and keys that openssl made.
  @Suite struct SMARTTests {
    enum Kind: String, CaseIterable, Sendable {
      case rsa = "RS384"
      case curve = "ES384"
    }

    struct Failure: Error {}

    /// It waits on a thread of Dispatch's: making a key takes long, and the cooperative pool has few.
    private static func openssl(_ words: [String]) async throws {
      let status: Int32 = try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
          let process = Process()
          process.executableURL = URL(filePath: "/usr/bin/env")
          process.arguments = ["openssl"] + words
          process.standardError = FileHandle.nullDevice
          process.standardOutput = FileHandle.nullDevice
          continuation.resume(
            with: Result {
              try process.run()
              process.waitUntilExit()
              return process.terminationStatus
            })
        }
      }
      guard status == 0 else { throw Failure() }
    }

    private static func key(_ kind: Kind, _ file: URL) async throws -> ClientKey {
      switch kind {
      case .rsa:
        try await openssl(["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", file.path])
      case .curve:
        try await openssl([
          "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", file.path,
        ])
      }
      return try #require(try ClientKey.all(in: String(contentsOf: file, encoding: .utf8), id: nil).first)
    }

    private struct Scene {
      let household: Household
      let receiver: TestReceiver
      let keyFile: URL
      let settings: DestinationSettings

      /// - Parameter ahead: seconds that this box's clock is ahead.
      func forwarder(
        ahead: TimeInterval = 0, _ change: (inout DestinationSettings) -> Void = { _ in }
      ) throws -> FHIRForwarder {
        var settings = settings
        change(&settings)
        var surroundings = Household.surroundings(receiver.http)
        surroundings.store = household.store
        surroundings.now = { Date().addingTimeInterval(ahead) }
        return try FHIRForwarder(settings, surroundings)
      }

      func register(_ keys: [ClientKey]) async throws {
        let sets = keys.map { $0.publicKeySet.dropFirst(#"{"keys": ["#.count).dropLast(2) }
        try await receiver.order("_smart", #"{"clients": {"keys": [\#(sets.joined(separator: ","))]}}"#)
      }

      /// Tokens that were asked for.
      var asked: [Arrival] { receiver.journal().filter { $0.token == true } }
    }

    private static func run(_ kind: Kind = .curve, _ body: (Scene) async throws -> Void) async throws {
      try await Household.run { household in
        try await TestReceiver.run("smart_receiver", interpreter: try PackageFiles.validatingPython()) { receiver in
          let file = household.folder.appending(path: "key.pem")
          let key = try await key(kind, file)
          var settings = Household.fhirSettings(receiver.address + "/fhir")
          settings.secretFile = file.path
          settings.proof = .smart(SMARTClient(clientID: "gateway"))
          let scene = Scene(household: household, receiver: receiver, keyFile: file, settings: settings)
          try await scene.register([key])
          try await body(scene)
        }
      }
    }

    private static func refusal(_ outcomes: [DeliveryOutcome]) throws -> String {
      guard case .destinationRefuses(let reason) = outcomes.first else {
        Issue.record("\(outcomes)")
        throw Failure()
      }
      return reason
    }

    @Test(arguments: Kind.allCases)
    func aTokenIsAskedForOnceAndKept(_ kind: Kind) async throws {
      try await Self.run(kind) { scene in
        let forwarder = try scene.forwarder()
        for number in 0..<3 {
          #expect(try await forwarder.deliver([scene.household.delivery(number)]) == [.delivered])
        }
        #expect(scene.asked.map(\.alg) == [kind.rawValue])
        #expect(scene.asked.map(\.status) == [200])
      }
    }

    /// The same keys as JWK, as PyJWT writes them, and two of them in a set.
    @Test func keysAreReadAsJWKToo() async throws {
      try await Self.run { scene in
        let folder = scene.household.folder
        _ = try await Self.key(.rsa, folder.appending(path: "rsa.pem"))
        let script = """
          import jwt, json, sys
          from cryptography.hazmat.primitives.serialization import load_pem_private_key
          names = {"rsa.pem": jwt.algorithms.RSAAlgorithm, "key.pem": jwt.algorithms.ECAlgorithm}
          keys = [json.loads(kind.to_jwk(load_pem_private_key(open(f"{sys.argv[1]}/{name}", "rb").read(), None)))
                  for name, kind in names.items()]
          print(json.dumps({"keys": [dict(key, kid=f"number {n}") for n, key in enumerate(keys)]}))
          """
        let process = Process()
        process.executableURL = try PackageFiles.validatingPython()
        process.arguments = ["-c", script, folder.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let keys = try ClientKey.all(in: text, id: nil)
        #expect(keys.map(\.algorithm) == ["RS384", "ES384"])
        #expect(keys.map(\.id) == ["number 0", "number 1"])
        try Data(text.utf8).write(to: scene.keyFile)
        // The server knows the second one only: the first is so new.
        try await scene.register([keys[1]])
        #expect(try await scene.forwarder().deliver([scene.household.delivery(0)]) == [.delivered])
        #expect(scene.asked.map(\.kid) == ["number 0", "number 1"])
        #expect(scene.asked.map(\.status) == [400, 200])
      }
    }

    @Test func aTokenThatEndsInMidBatchIsReplacedAndNothingIsDouble() async throws {
      try await Self.run { scene in
        let forwarder = try scene.forwarder()
        #expect(try await forwarder.deliver([scene.household.delivery(0)]) == [.delivered])
        // The server's clock jumps past the token's end, while we think that it is good.
        try await scene.receiver.order("_smart", #"{"clock": 400}"#)
        #expect(try await forwarder.deliver([scene.household.delivery(1)]) == [.delivered])
        // Another key signs now; the token of the last one is refused.
        try await scene.receiver.order("_smart", #"{"rotate": true}"#)
        let batch = (1..<4).map { scene.household.delivery($0) }
        #expect(try await forwarder.deliver(batch) == [.delivered, .delivered, .delivered])
        let answers = scene.asked.compactMap(\.status)
        #expect(answers.allSatisfy { $0 == 200 || $0 == 400 })
        #expect(scene.receiver.created() == (0..<4).map { scene.household.identifier($0) })
      }
    }

    /// Tokens of one second, and batches that go on: each is asked for in time, or again.
    @Test func shortTokensAreEnough() async throws {
      try await Self.run { scene in
        try await scene.receiver.order("_smart", #"{"life": 1}"#)
        try await scene.household.store(0..<30)
        var settings = scene.settings
        settings.pace.rate = 10
        try await scene.household.forwarding([settings]) { service in
          try await eventually { await service.status().first?.waiting == 0 }
        }
        #expect(scene.asked.count > 1)
        #expect(scene.receiver.created() == (0..<30).map { scene.household.identifier($0) })
      }
    }

    @Test(arguments: [600.0, -600.0])
    func aClockTenMinutesOffIsAllowedFor(_ ahead: TimeInterval) async throws {
      try await Self.run { scene in
        #expect(try await scene.forwarder(ahead: ahead).deliver([scene.household.delivery(0)]) == [.delivered])
        #expect(scene.asked.map(\.status) == [200])
        // Without discovery there is no answer to see the clock by before the first is refused.
        let given = try scene.forwarder(ahead: ahead) {
          $0.proof = .smart(SMARTClient(clientID: "gateway", tokenURL: scene.receiver.address + "/token"))
        }
        #expect(try await given.deliver([scene.household.delivery(1)]) == [.delivered])
        #expect(scene.asked.map(\.status) == [200, 400, 200])
      }
    }

    @Test func aRotatedKeyNeedsNoRestart() async throws {
      try await Self.run { scene in
        try await scene.receiver.order("_smart", #"{"life": 0}"#)
        let forwarder = try scene.forwarder()
        // A token of no life is good for nothing.
        _ = try await forwarder.deliver([scene.household.delivery(0)])
        try await scene.receiver.order("_smart", #"{"life": 300}"#)
        #expect(try await forwarder.deliver([scene.household.delivery(0)]) == [.delivered])
        let next = try await Self.key(.rsa, scene.keyFile)
        try await scene.register([next])
        try await scene.receiver.order("_smart", #"{"rotate": true}"#)
        #expect(try await forwarder.deliver([scene.household.delivery(1)]) == [.delivered])
        #expect(scene.asked.last?.alg == "RS384" && scene.asked.last?.kid == next.id)
      }
    }

    @Test func whatSomebodyHasToMendIsToldClearly() async throws {
      try await Self.run { scene in
        let delivery = scene.household.delivery(0)
        func told(_ change: (inout DestinationSettings) -> Void = { _ in }) async throws -> String {
          try Self.refusal(try await scene.forwarder(change).deliver([delivery]))
        }
        // Wrong audience of what we sign.
        try await scene.receiver.order("_smart", #"{"audience": "https://login.example/token"}"#)
        let audience = try await told()
        #expect(audience.contains("invalid_client, InvalidAudienceError"))
        #expect(audience.contains("see that the public key is registered there for client-id, and that audience"))
        let right = try scene.forwarder {
          $0.proof = .smart(SMARTClient(clientID: "gateway", audience: "https://login.example/token"))
        }
        #expect(try await right.deliver([delivery]) == [.delivered])
        try await scene.receiver.order("_smart", #"{"audience": null}"#)
        // A key that nobody knows.
        try await scene.register([])
        #expect(try await told().contains("invalid_client, the key is not registered"))
        // An algorithm that is not taken is not tried.
        let before = scene.asked.count
        try await scene.receiver.order("_smart", #"{"algorithms": ["RS384"]}"#)
        #expect(try await told().contains("it takes no ES384, only RS384"))
        #expect(scene.asked.count == before)
        try await scene.receiver.order("_smart", #"{"algorithms": ["ES384"]}"#)
        try await scene.register(try ClientKey.all(in: String(contentsOf: scene.keyFile, encoding: .utf8), id: nil))
        // A token that is for somebody else, whom a new one does not please either.
        try await scene.receiver.order("_smart", #"{"for": "https://elsewhere.example/fhir"}"#)
        #expect(
          try await told().contains("answered 401 to a new token; see that the token server gives tokens for this"))
        try await scene.receiver.order("_smart", #"{"for": null}"#)
        // No key.
        try Data("nothing".utf8).write(to: scene.keyFile)
        #expect(throws: DestinationFault.self) { try scene.forwarder() }
        // Nothing was set aside, nothing arrived twice.
        #expect(scene.receiver.created() == [scene.household.identifier(0)])
      }
    }

    @Test func userAndPasswordAreShownAsTheyStandInTheFile() async throws {
      try await Household.run { household in
        try await TestReceiver.run("fhir_receiver") { receiver in
          let file = household.folder.appending(path: "password")
          try Data("home:pass:word\n".utf8).write(to: file)
          var settings = Household.fhirSettings(receiver.address)
          settings.secretFile = file.path
          settings.proof = .basic
          let forwarder = try FHIRForwarder(settings, Household.surroundings(receiver.http))
          #expect(try await forwarder.deliver([household.delivery(0)]) == [.delivered])
          // RFC 7617: base64 of home:pass:word.
          #expect(receiver.journal().last?.authorization == "Basic aG9tZTpwYXNzOndvcmQ=")
          try Data(":word\n".utf8).write(to: file)
          #expect(throws: DestinationFault.passwordMalformed(path: file.path)) {
            try FHIRForwarder(settings, Household.surroundings(receiver.http))
          }
        }
      }
    }

    @Test func aServerThatAsksForACertificateGetsOursAndNoOther() async throws {
      try await Household.run { household in
        let server = try SelfSigned.make(in: household.folder)
        func folder(_ name: String) throws -> URL {
          let folder = household.folder.appending(path: name)
          try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
          return folder
        }
        let ours = try SelfSigned.make(in: try folder("ours"))
        let other = try SelfSigned.make(in: try folder("other"))
        try await TestReceiver.run("fhir_receiver", certificate: server, client: ours) { receiver in
          var settings = Household.fhirSettings(receiver.address)
          settings.authorityFile = server
          func outcome() async throws -> [DeliveryOutcome] {
            try await FHIRForwarder(settings, Household.surroundings(receiver.http)).deliver([household.delivery(0)])
          }
          let none = try Self.refusal(try await outcome())
          #expect(none.contains("TLS failed"))
          settings.clientCertificateFile = other
          #expect(try Self.refusal(try await outcome()).contains("TLS failed"))
          settings.clientCertificateFile = ours
          #expect(try await outcome() == [.delivered])
          settings.clientCertificateFile = household.folder.appending(path: "nothing.pem").path
          await #expect(throws: DestinationFault.self) { try await outcome() }
        }
      }
    }
  }
}
