import BluetoothLE
import WireFormats

/// The characteristics over which an Omron cuff talks about its memory. Source: userx14/omblepy, eigger/hass-omron; both of
/// the maker's services have the same ones, the newer one only the first of each row.
enum OmronCharacteristics {
  /// Notified, in the order of the channels.
  static let toGateway = [
    BluetoothUUID(high: 0x4912_3040_AEE8_11E1, low: 0xA74D_0002_A5D5_C51B),
    BluetoothUUID(high: 0x4D0B_F320_AEE8_11E1, low: 0xA0D9_0002_A5D5_C51B),
    BluetoothUUID(high: 0x5128_CE60_AEE8_11E1, low: 0xB84B_0002_A5D5_C51B),
    BluetoothUUID(high: 0x560F_1420_AEE8_11E1, low: 0x8184_0002_A5D5_C51B),
  ]

  /// Written, in the order of the channels.
  static let toDevice = [
    BluetoothUUID(high: 0xDB5B_55E0_AEE7_11E1, low: 0x965E_0002_A5D5_C51B),
    BluetoothUUID(high: 0xE0B8_A060_AEE7_11E1, low: 0x92F4_0002_A5D5_C51B),
    BluetoothUUID(high: 0x0AE1_2B00_AEE8_11E1, low: 0xA192_0002_A5D5_C51B),
    BluetoothUUID(high: 0x10E1_BA60_AEE8_11E1, low: 0x89E5_0002_A5D5_C51B),
  ]

  /// Written and notified.
  static let unlock = BluetoothUUID(high: 0xB305_B680_AEE7_11E1, low: 0xA730_0002_A5D5_C51B)

  /// Those that are listened to.
  static func heard(_ map: OmronMemoryMap) -> [BluetoothUUID] {
    toGateway.prefix(map.channels.count) + (map.unlock == .none ? [] : [unlock])
  }
}
