import Testing

@testable import Forwarding

@Suite struct WakeSignalTests {
  @Test func aWaitOfManySleepsLastsAsLongAsItWasAskedTo() async {
    let begin = ContinuousClock.now
    await WakeSignal().wait(for: .milliseconds(50), piece: .milliseconds(3))
    #expect(.now - begin >= .milliseconds(50))
  }

  @Test func theBellEndsAWaitOfManySleeps() async {
    let bell = WakeSignal()
    async let waiting: Void = bell.wait(for: .seconds(86400), piece: .milliseconds(1))
    bell.ring()
    await waiting
  }

  @Test func aTaskThatIsCancelledWaitsNoLonger() async {
    let waiting = Task { await WakeSignal().wait(for: .seconds(86400), piece: .seconds(86400)) }
    waiting.cancel()
    await waiting.value
  }
}
