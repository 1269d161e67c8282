internal import CLibUSB

/// What libusb has read of a device, as a value.
extension USBDevice {
  /// Nil where its device descriptor cannot be had. A configuration that cannot be read or is none leaves the device
  /// without interfaces.
  init?(_ pointer: OpaquePointer) {
    var descriptor = libusb_device_descriptor()
    guard libusb_get_device_descriptor(pointer, &descriptor) == 0 else { return nil }
    self.init(
      location: Location(
        bus: libusb_get_bus_number(pointer), address: libusb_get_device_address(pointer)),
      vendor: descriptor.idVendor, product: descriptor.idProduct, release: descriptor.bcdDevice,
      serialIndex: descriptor.iSerialNumber, productIndex: descriptor.iProduct,
      interfaces: Self.interfaces(of: pointer))
  }

  private static func interfaces(of pointer: OpaquePointer) -> [Interface] {
    var configuration: UnsafeMutablePointer<libusb_config_descriptor>?
    guard libusb_get_active_config_descriptor(pointer, &configuration) == 0, let configuration else { return [] }
    defer { libusb_free_config_descriptor(configuration) }
    let all = UnsafeBufferPointer(
      described: configuration.pointee.interface, count: Int(configuration.pointee.bNumInterfaces))
    return all.compactMap { settings in
      guard settings.num_altsetting > 0, let setting = settings.altsetting?.pointee else { return nil }
      let endpoints = UnsafeBufferPointer(described: setting.endpoint, count: Int(setting.bNumEndpoints))
      return Interface(
        number: setting.bInterfaceNumber, classCode: setting.bInterfaceClass,
        endpoints: endpoints.compactMap { endpoint in
          // Bits 12…11 of the size are packets in a microframe (USB 2.0, 9.6.6).
          Endpoint.Kind(rawValue: endpoint.bmAttributes & 3).map {
            Endpoint(
              address: endpoint.bEndpointAddress, kind: $0, packetSize: Int(endpoint.wMaxPacketSize & 0x7FF),
              classDescriptors: octets(endpoint.extra, endpoint.extra_length))
          }
        }, classDescriptors: octets(setting.extra, setting.extra_length))
    }
  }

  private static func octets(_ start: UnsafePointer<UInt8>?, _ count: Int32) -> [UInt8] {
    Array(UnsafeBufferPointer(described: start, count: Int(count)))
  }
}

extension UnsafeBufferPointer {
  /// What libusb describes. Of a descriptor that breaks off it keeps the number that it names, and no array.
  init(described start: UnsafePointer<Element>?, count: Int) {
    self.init(start: start, count: start == nil ? 0 : Swift.max(count, 0))
  }
}
