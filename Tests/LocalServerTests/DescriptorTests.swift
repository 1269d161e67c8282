import Foundation
import Glibc
import LocalAPI
import Testing

@testable import LocalServer

/// What happens when the process has no descriptors left, in a process of its own: the limit is the whole process's.
@Suite struct DescriptorTests {
  @Test(.timeLimit(.minutes(10))) func thatNothingCanBeAcceptedIsSaidAndTheSocketAnswersAgain() async {
    await #expect(processExitsWith: .success) {
      let lines = Log<String>()
      try await Served.with(logger: .writing(to: lines)) { (served) async throws in
        // What opens files when it is first used has done so.
        _ = try await served.client.status()
        var connections = try (0..<8).map { _ in try RawConnection() }
        var most = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &most) == 0)
        most.rlim_cur = 256
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &most) == 0)
        var taken: [Int32] = []
        while case let copy = dup(0), copy >= 0 { taken.append(copy) }
        try #require(errno == EMFILE)
        for connection in connections { try connection.connect(to: served.socketPath) }
        let said = try #require(await lines.next())
        #expect(said.hasPrefix("error a connection to \(served.socketPath) could not be accepted"), "\(said)")
        connections = []
        for descriptor in taken { close(descriptor) }
        #expect(try await served.client.status().version == "1.2.3")
      }
    }
  }
}
