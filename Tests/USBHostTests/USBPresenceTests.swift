import Testing
import USBHost

@Suite struct USBPresenceTests {
  static func device(_ address: UInt8, product: UInt16 = 0x0028) -> USBDevice {
    USBDevice(location: .init(bus: 1, address: address), vendor: 0x0590, product: product, interfaces: [])
  }

  @Test("an arrival that is told and seen is said once, and so is the departure")
  func once() {
    var presence = USBPresence()
    #expect(presence.arrived(Self.device(4)) == [.arrived(Self.device(4))])
    #expect(presence.looked([Self.device(4)]) == [])
    #expect(presence.arrived(Self.device(4)) == [])
    #expect(presence.looked([]) == [.left(Self.device(4))])
    #expect(presence.left(Self.device(4).location) == [])
  }

  @Test("another device at the same place: the first one has left")
  func replaced() {
    var presence = USBPresence()
    _ = presence.arrived(Self.device(4))
    let other = Self.device(4, product: 0x0090)
    #expect(presence.looked([other]) == [.left(Self.device(4)), .arrived(other)])
  }

  @Test("a look tells who left before who came")
  func order() {
    var presence = USBPresence()
    _ = presence.looked([Self.device(4), Self.device(5)])
    #expect(
      presence.looked([Self.device(5), Self.device(6)]) == [.left(Self.device(4)), .arrived(Self.device(6))])
  }

  @Test("the kernel's file has three digits each")
  func path() {
    #expect(USBDevice.Location(bus: 1, address: 23).path == "/dev/bus/usb/001/023")
    #expect("\(Self.device(7))" == "0590:0028 at 001:007")
    #expect("\(USBFailure.accessDenied(path: "/dev/bus/usb/001/023"))".contains("60-vitals.rules"))
  }
}
