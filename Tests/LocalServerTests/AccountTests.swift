import Foundation
import Glibc
import LocalAPI
import Logging
import Observations
import Store
import Testing

@testable import LocalServer

/// Who an account is, as the kernel and NSS say; and which role that gives.
@Suite(.timeLimit(.minutes(5))) struct AccountTests {
  private func run(_ program: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let file = FileManager.default.temporaryDirectory.appending(path: "account-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data().write(to: file)
    process.standardOutput = try FileHandle(forWritingTo: file)
    let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }

  /// The judge is coreutils' id(1).
  @Test(arguments: ["root", "daemon", "nobody", "www-data"]) func groupsAreThoseOfTheMachine(user: String) async throws
  {
    let entry = try #require(getpwnam(user))
    let uid = entry.pointee.pw_uid
    let account = await AccountDirectory().account(uid)
    let (status, output) = try await run("/usr/bin/id", ["-Gn", user])
    #expect(status == 0)
    #expect(account.groups == Set(output.split(whereSeparator: \.isWhitespace).map(String.init)))
    #expect(account.user == user && account.uid == uid)
  }

  @Test func aNumberWithoutANameHasNoGroups() async {
    #expect(await AccountDirectory().account(61_234) == Account(uid: 61_234))
  }

  @Test func whoHasARoleOnThisMachine() {
    let named = AccessPolicy(operate: AccessPolicy.Accounts(users: ["daemon"]))
    #expect(Accounts.hasRole("daemon", by: named))
    #expect(!Accounts.hasRole("nobody", by: named))
    #expect(Accounts.hasRole("daemon", by: AccessPolicy(operate: AccessPolicy.Accounts(groups: ["daemon"]))))
    #expect(Accounts.hasRole("nobody-of-here", by: named), "there is nobody to have none")
  }

  /// What need not be written at once is counted.
  @Test func looksAreWrittenNowAndThen() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "notes-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let notes = AccessNotes(store: store, patience: .seconds(60))
    func ask(_ action: Access.Action, refused: Bool = false) async {
      let line = AccessNotes.Line(action: action, uid: 1003, patient: nil, subject: nil, refused: refused)
      await notes.writeSoon(notes.count(line, at: Date()))
    }
    for _ in 0..<5 { await ask(.read) }
    for _ in 0..<3 { await ask(.read, refused: true) }
    for _ in 0..<2 { await ask(.acknowledge) }
    #expect(try await store.accesses().map(\.count) == [1, 1, 2])
    await notes.writeCounted()
    #expect(try await store.accesses().map(\.count) == [5, 3, 2])
    await notes.writeCounted()
    #expect(try await store.accesses().map(\.count) == [5, 3, 2])
    try await store.close()
  }

  private static let client = """
    import socket, sys
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    s.sendall(b"GET /v1/whoami HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
    text = b""
    while True:
        piece = s.recv(65536)
        if not piece: break
        text += piece
    print(text.decode())
    """

  /// The kernel's word, of another process. As root it is another user's; as anybody else it is one's own, by a server that
  /// takes itself for somebody else's.
  @Test func theKernelSaysWhoAsks() async throws {
    let isRoot = geteuid() == 0
    let (named, other): (UInt32, UInt32) = isRoot ? (61_234, 61_235) : (geteuid(), geteuid())
    func ask(_ socket: String, as uid: UInt32) async throws -> String {
      let python = ["/usr/bin/python3", "-c", Self.client, socket]
      let asking = ["/usr/bin/setpriv", "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups"]
      let words = isRoot ? asking + python : python
      let (status, output) = try await run(words[0], Array(words.dropFirst()))
      #expect(status == 0)
      return output
    }
    var accounts = Accounts.machine
    accounts.service = 4_000_000_000
    for isNamed in [true, false] {
      var control = GatewayControl.quiet()
      let users: Set<String> = isNamed ? ["\(named)"] : []
      control.access = { AccessPolicy(operate: AccessPolicy.Accounts(users: users)) }
      try await Served.with(control, accounts: accounts) { served in
        // Anybody may connect here: the group is not what is tried.
        #expect(chmod(served.socketPath, 0o666) == 0)
        let answer = try await ask(served.socketPath, as: named)
        if isNamed {
          #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains(#""role":"operate""#), "\(answer)")
          #expect(answer.contains("\"uid\":\(named)"), "\(answer)")
        } else {
          #expect(answer.hasPrefix("HTTP/1.1 403"), "\(answer)")
        }
        if isRoot {
          #expect(try await ask(served.socketPath, as: other).hasPrefix("HTTP/1.1 403"))
          #expect(try await served.client.whoAmI().role == .administer)
          let refused = try await served.store.accesses().filter(\.refused)
          #expect(refused.last?.uid == other)
        }
      }
    }
  }

  private let mai = PatientID(rawValue: "p-1")
  private let lan = PatientID(rawValue: "p-2")

  @Test func whatNamesAUserGoesFirst() {
    let policy = AccessPolicy(
      administer: AccessPolicy.Accounts(users: ["hoa"], groups: ["wheel"]),
      operate: AccessPolicy.Accounts(users: ["nurse", "1007"], groups: ["vitals"]),
      own: [
        AccessPolicy.Link(AccessPolicy.Accounts(users: ["mai"]), patients: [mai]),
        AccessPolicy.Link(AccessPolicy.Accounts(groups: ["ward"]), patients: [lan]),
      ])
    func role(_ user: String?, _ groups: Set<String>, uid: UInt32 = 1000) -> String {
      guard let standing = policy.standing(of: Account(uid: uid, user: user, groups: groups)) else { return "none" }
      let whose = standing.scope.patients?.map(\.rawValue).sorted().joined(separator: ",") ?? "all"
      return "\(standing.role) \(whose)"
    }
    #expect(role("x", []) == "none")
    #expect(role("x", ["vitals"]) == "operate all")
    #expect(role("x", ["vitals", "wheel"]) == "administer all")
    // A link is not widened by the group that the socket needs, nor by any other.
    #expect(role("mai", ["vitals", "wheel"]) == "own p-1")
    #expect(role("x", ["ward", "vitals", "wheel"]) == "own p-2")
    #expect(role("nurse", ["ward", "wheel"]) == "operate all")
    #expect(role("hoa", ["ward"]) == "administer all")
    #expect(role(nil, [], uid: 1007) == "operate all")
    #expect(AccessPolicy().standing(of: Account(uid: 1, user: "x", groups: ["vitals"]))?.role == .operate)
    #expect(AccessPolicy(operate: AccessPolicy.Accounts()).standing(of: Account(uid: 1, groups: ["vitals"])) == nil)
    // A user who is called like a number or a group is neither.
    #expect(role("vitals", []) == "none")
  }
}
