/// The drivers there are. A new one is a file under `Drivers/` and a line here.
package enum Drivers {
  package static let all: [any DeviceDriver] = [
    GATTBloodPressureDriver(),
    GATTHeartRateDriver(),
    OmronEEPROMDriver(),
    GATTPulseOximeterDriver(),
    MicrolifeDriver(),
    ViatomFileDriver(),
    EtekcityDriver(),
    YonkerDriver(),
    AdvertisedHeartRateDriver(.polar),
    AdvertisedHeartRateDriver(.xoss),
  ]

  /// Of devices on a cable.
  package static let usb: [any USBDeviceDriver] = [
    OmronHIDDriver(),
    OmronHIDMemoryDriver(),
    BeurerHIDDriver(),
    BeurerBM96Driver(),
    MicrolifeHIDDriver(),
    MicrolifeTextDriver(),
    ContecHIDDriver(),
    ANTStickDriver(),
    PersonalHealthDriver(),
  ]

  /// Nil when none has this name.
  package static func named(_ name: String) -> (any DeviceDriver)? { all.first { $0.name == name } }

  /// Nil when none has this name.
  package static func usbNamed(_ name: String) -> (any USBDeviceDriver)? { usb.first { $0.name == name } }
}
