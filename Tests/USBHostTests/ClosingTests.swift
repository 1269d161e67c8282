import Synchronization
import Testing

@testable import USBHost

@Suite(.timeLimit(.minutes(1))) struct ClosingTests {
  private final class Order: Sendable {
    private let names = Mutex<[String]>([])
    var all: [String] { names.withLock { $0 } }
    func note(_ name: String) { names.withLock { $0.append(name) } }
  }

  /// The first one's task is cancelled meanwhile: what has begun is ended all the same.
  @Test func aSecondCloseWaitsForTheFirst() async {
    let (closing, order) = (Closing(), Order())
    let (begun, begin) = AsyncStream.makeStream(of: Void.self)
    let (gate, open) = AsyncStream.makeStream(of: Void.self)
    let first = Task {
      await closing.run {
        begin.yield()
        for await _ in gate { break }
        order.note("closed")
      }
    }
    for await _ in begun { break }
    first.cancel()
    let second = Task {
      await closing.run { order.note("closed again") }
      order.note("second")
    }
    // Often enough to come back too early.
    for _ in 0..<1000 { await Task.yield() }
    open.yield()
    await first.value
    await second.value
    await closing.run { order.note("closed again") }
    #expect(order.all == ["closed", "second"])
  }
}
