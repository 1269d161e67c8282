@testable import BluetoothLE
import Testing

@testable import Gateway

@Suite struct LinkWatchTests {
  private static let cuff = BluetoothAddress(value: 0xF0F1_F2F3_F4F5, kind: .random)
  private static let strap = BluetoothAddress(value: 0xC001_0203_0405, kind: .public)

  private static func link(_ peer: BluetoothAddress, _ state: KernelLink.State) -> KernelLink {
    KernelLink(octets: peer.octets, state: state)
  }

  @Test func aLinkThatNobodyServesIsEndedAtTheThirdLookAndAgainIfThatDidNotHelp() {
    var watch = LinkWatch()
    let links = [Self.link(Self.cuff, .connected), Self.link(Self.strap, .connected)]
    let remedies = (1...6).map { _ in watch.look(at: links, known: [Self.cuff, Self.strap], served: [Self.strap]) }
    #expect(remedies == [[], [], [.end(Self.cuff)], [], [], [.end(Self.cuff)]])
  }

  @Test func servedInBetweenIsServed() {
    var watch = LinkWatch()
    let links = [Self.link(Self.cuff, .connected)]
    for round in 0..<12 {
      #expect(watch.look(at: links, known: [Self.cuff], served: round % 3 == 2 ? [Self.cuff] : []) == [])
    }
  }

  @Test func linksOfOthersAreNotOurs() {
    var watch = LinkWatch()
    for _ in 0..<12 {
      #expect(watch.look(at: [Self.link(Self.strap, .connected)], known: [Self.cuff], served: []) == [])
    }
  }

  @Test func anAttemptThatNeverEndsRestartsTheAdapterAndNotAgainAtOnce() {
    var watch = LinkWatch()
    let links = [Self.link(Self.cuff, .connecting)]
    var restarts: [Int] = []
    for look in 1...200 where watch.look(at: links, known: [Self.cuff], served: []) != [] { restarts.append(look) }
    #expect(restarts == [9, 69, 129, 189])
  }

  @Test func anAttemptThatEndsNowAndThenIsTheRadios() {
    var watch = LinkWatch()
    for look in 1...100 {
      let links = look.isMultiple(of: 9) ? [] : [Self.link(Self.cuff, .connecting)]
      #expect(watch.look(at: links, known: [Self.cuff], served: []) == [])
    }
  }

  /// Nine looks at nine attempts are no attempt that lasts; while others are served, each is looked at for longer.
  @Test func onlyAnAttemptThatIsThereAllTheTimeLasts() {
    let (served, tried) = (Self.link(Self.strap, .connected), Self.link(Self.cuff, .connecting))
    #expect(LinkWatch.lasting([served, tried], in: [[served, tried], [served], [served, tried]]) == [served])
    #expect(LinkWatch.lasting([served, tried], in: [[served, tried], [tried]]) == [served, tried])
    var watch = LinkWatch()
    for _ in 1...100 {
      let links = LinkWatch.lasting([served, tried], in: [[served, tried], [served]])
      #expect(watch.look(at: links, known: [Self.cuff, Self.strap], served: [Self.strap]) == [])
    }
  }

  @Test func theKernelsStatesAreReadByNumber() {
    #expect([1, 5, 9].map { KernelLink.State(kernel: $0) } == [.connected, .connecting, .other(9)])
  }
}
