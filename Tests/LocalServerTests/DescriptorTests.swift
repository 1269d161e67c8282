import Foundation
import Glibc
import LocalAPI
import LocalServer
import Testing

/// What happens when the process has no descriptors left, in a process of its own: the limit is the whole process's.
@Suite struct DescriptorTests {
  @Test(.timeLimit(.minutes(5))) func theSocketAnswersAgainAfterDescriptorsWereWanting() async {
    await #expect(processExitsWith: .success) {
      try await Served.with { (served) async throws in
        // What opens files when it is first used has done so.
        _ = try await served.client.status()
        var waiting = try (0..<8).map { _ in try RawConnection() }
        var most = rlimit()
        try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &most) == 0)
        most.rlim_cur = 256
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &most) == 0)
        var taken: [Int32] = []
        while case let copy = dup(0), copy >= 0 { taken.append(copy) }
        try #require(errno == EMFILE)
        for descriptor in taken.suffix(3) { close(descriptor) }
        taken.removeLast(3)
        // Three can be accepted, the others cannot.
        for connection in waiting { try connection.connect(to: served.socketPath) }
        for connection in waiting.prefix(3) { #expect(try await connection.answers("/v1/status")) }
        try await Task.sleep(for: .seconds(3))
        waiting = []
        for descriptor in taken { close(descriptor) }
        #expect(try await served.client.status().version == "1.2.3")
      }
    }
  }
}
