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

  /// Nil when none has this name.
  package static func named(_ name: String) -> (any DeviceDriver)? { all.first { $0.name == name } }
}
