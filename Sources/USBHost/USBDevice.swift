/// A device on the bus, as its descriptors say it is (USB 2.0, 9.6).
package struct USBDevice: Hashable, Sendable, CustomStringConvertible {
  /// Where it is until it is unplugged: the kernel gives the next one that is plugged in another address.
  package struct Location: Hashable, Sendable, CustomStringConvertible {
    package var bus: UInt8
    package var address: UInt8

    package init(bus: UInt8, address: UInt8) {
      self.bus = bus
      self.address = address
    }

    /// The kernel's file for it.
    package var path: String { "/dev/bus/usb/\(Self.threeDigits(bus))/\(Self.threeDigits(address))" }
    package var description: String { "\(Self.threeDigits(bus)):\(Self.threeDigits(address))" }

    private static func threeDigits(_ number: UInt8) -> String {
      let digits = String(number)
      return String(repeating: "0", count: 3 - digits.count) + digits
    }
  }

  /// One interface in its first setting.
  package struct Interface: Hashable, Sendable {
    package var number: UInt8
    /// 0x03 HID, 0x0F Personal Healthcare.
    package var classCode: UInt8
    package var endpoints: [Endpoint]
    /// The descriptors between its own and that of its first endpoint, as sent: those of its class.
    package var classDescriptors: [UInt8]

    package init(number: UInt8, classCode: UInt8, endpoints: [Endpoint], classDescriptors: [UInt8] = []) {
      self.number = number
      self.classCode = classCode
      self.endpoints = endpoints
      self.classDescriptors = classDescriptors
    }
  }

  package struct Endpoint: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
      case control, isochronous, bulk, interrupt
    }

    /// With bit 7 for *in*.
    package var address: UInt8
    package var kind: Kind
    /// Octets in a packet.
    package var packetSize: Int
    /// The descriptors behind its own, as sent: those of its interface's class.
    package var classDescriptors: [UInt8]

    package init(address: UInt8, kind: Kind, packetSize: Int, classDescriptors: [UInt8] = []) {
      self.address = address
      self.kind = kind
      self.packetSize = packetSize
      self.classDescriptors = classDescriptors
    }

    package var isIn: Bool { address & 0x80 != 0 }
  }

  package var location: Location
  package var vendor: UInt16
  package var product: UInt16
  /// bcdDevice.
  package var release: UInt16
  /// The index of its serial number's string; 0 for none.
  package var serialIndex: UInt8
  /// The index of its product's string; 0 for none.
  package var productIndex: UInt8
  /// Empty where the device has no configuration that can be read.
  package var interfaces: [Interface]

  package init(
    location: Location, vendor: UInt16, product: UInt16, release: UInt16 = 0, serialIndex: UInt8 = 0,
    productIndex: UInt8 = 0, interfaces: [Interface]
  ) {
    self.location = location
    self.vendor = vendor
    self.product = product
    self.release = release
    self.serialIndex = serialIndex
    self.productIndex = productIndex
    self.interfaces = interfaces
  }

  /// `0590:0028`.
  package var model: String { "\(Self.hexadecimal(vendor)):\(Self.hexadecimal(product))" }
  package var description: String { "\(model) at \(location)" }

  /// The first interface of a class; nil when it has none.
  package func interface(ofClass code: UInt8) -> Interface? { interfaces.first { $0.classCode == code } }

  private static func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
