import BluetoothLE
import Synchronization
import Testing

@testable import Gateway

@Suite struct PairingLinkTests {
  private let ends = Ends()

  private final class Ends: Sendable {
    private let list = Mutex<[ManagementStatus]>([])
    func add(_ status: ManagementStatus) { list.withLock { $0.append(status) } }
    var all: [ManagementStatus] { list.withLock { $0 } }
  }

  private func link() -> PairingLink {
    PairingLink { [ends] happening in
      if case .ended(let status) = happening { ends.add(status) }
    }
  }

  @Test("questions are the pairing's only while Pair Device runs, keys until the procedure has what it wanted")
  func phases() {
    let pairing = link()
    #expect(!pairing.isAsking && !pairing.takesKeys)
    _ = pairing.beginAttempt()
    #expect(pairing.isAsking && pairing.takesKeys)
    pairing.end(.success)
    #expect(!pairing.isAsking && pairing.takesKeys)
    pairing.closeKeys()
    #expect(!pairing.isAsking && !pairing.takesKeys)
  }

  @Test("an attempt ends once: the event and the command's answer tell the same; a late answer does not end the next")
  func endsOnce() {
    let pairing = link()
    let first = pairing.beginAttempt()
    pairing.end(.authenticationFailed)
    pairing.end(.authenticationFailed, attempt: first)
    pairing.discardKeys()
    let second = pairing.beginAttempt()
    pairing.end(.failed, attempt: first)
    #expect(ends.all == [.authenticationFailed])
    pairing.end(.success, attempt: second)
    #expect(ends.all == [.authenticationFailed, .success])
  }

  @Test("a command that still waits for another device's pairing is not begun after its own is over")
  func waitingCommand() async {
    let pairing = link()
    _ = pairing.beginAttempt()
    let command = Task { while !Task.isCancelled { await Task.yield() } }
    pairing.hold(command)
    pairing.closeKeys()
    await command.value
  }

  @Test("when the adapter goes, looking ends for those who watch and goes on for those who wait")
  func discovery() async {
    var discovery = Discovery()
    let (_, watching) = discovery.add()
    let (number, waiting) = discovery.add(outlivesAdapter: true)
    discovery.noteRunning(true)
    discovery.adapterLost()
    for await _ in watching {}
    #expect(discovery.isWanted && !discovery.isRunning)
    discovery.remove(number)
    for await _ in waiting {}
    #expect(!discovery.isWanted)
  }
}
