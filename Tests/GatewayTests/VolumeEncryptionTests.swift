import Foundation
import Testing

@testable import Gateway

/// Trees of sysfs and lists of mounts as kernels make them, in a folder of the test's own.
@Suite struct VolumeEncryptionTests {
  /// `slaves`: of a device, the devices that it is made of.
  private func finding(
    _ mountinfo: String?, of path: String = "/var/lib/vitals", uuids: [String: String] = [:],
    names: [String: String] = [:], numbers: [String: String] = [:], slaves: [String: [String]] = [:],
    encryptedFolders: Set<String> = []
  ) throws -> VolumeEncryption.Finding {
    let files = FileManager.default
    let sysfs = files.temporaryDirectory.appending(path: "sysfs-\(UUID().uuidString)").path(percentEncoded: false)
    defer { try? files.removeItem(atPath: sysfs) }
    func folder(_ path: String) throws {
      try files.createDirectory(atPath: "\(sysfs)/\(path)", withIntermediateDirectories: true)
    }
    for path in ["dev/block", "class/block", "block"] { try folder(path) }
    let devices = Set(uuids.keys).union(names.keys).union(numbers.keys).union(slaves.keys).union(slaves.values.joined())
    for device in devices {
      try folder("block/\(device)/slaves")
      try folder("block/\(device)/dm")
      try uuids[device].map { try Data("\($0)\n".utf8).write(to: URL(filePath: "\(sysfs)/block/\(device)/dm/uuid")) }
      try names[device].map { try Data("\($0)\n".utf8).write(to: URL(filePath: "\(sysfs)/block/\(device)/dm/name")) }
      try files.createSymbolicLink(
        atPath: "\(sysfs)/class/block/\(device)", withDestinationPath: "../../block/\(device)")
    }
    for (device, number) in numbers {
      try files.createSymbolicLink(
        atPath: "\(sysfs)/dev/block/\(number)", withDestinationPath: "../../block/\(device)")
    }
    for (device, parts) in slaves {
      for part in parts {
        try files.createSymbolicLink(
          atPath: "\(sysfs)/block/\(device)/slaves/\(part)", withDestinationPath: "../../\(part)")
      }
    }
    return VolumeEncryption(mountinfo: mountinfo, sysfs: sysfs, isFolderEncrypted: encryptedFolders.contains)
      .finding(of: path)
  }

  private static let plainRoot = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"

  @Test func aLUKSVolumeOfItsOwn() throws {
    let mounts =
      Self.plainRoot + "80 22 254:0 / /var/lib/vitals rw,nosuid,nodev - ext4 /dev/mapper/vitals rw\n"
    let found = try finding(
      mounts, uuids: ["dm-0": "CRYPT-LUKS2-9d9f2c1f0c2a4b0d8e6f6d2f3a4b5c6d-vitals"], names: ["dm-0": "vitals"],
      numbers: ["sda1": "8:1", "dm-0": "254:0"], slaves: ["dm-0": ["sda2"]])
    #expect(found == .encrypted("an encrypted volume (LUKS2)"))
    // What lies beside it does not.
    let beside = try finding(
      mounts, of: "/var/lib/vitals-old", uuids: ["dm-0": "CRYPT-LUKS2-9d9f2c1f-vitals"],
      numbers: ["sda1": "8:1", "dm-0": "254:0"])
    #expect(beside == .plain("/dev/sda1"))
  }

  @Test func aDiskAsItComes() throws {
    #expect(try finding(Self.plainRoot, numbers: ["sda1": "8:1"]) == .plain("/dev/sda1"))
    // A card of a small box, with a root that is called by its number.
    let card = "23 1 179:2 / / rw,noatime - ext4 /dev/root rw\n"
    #expect(try finding(card, numbers: ["mmcblk0p2": "179:2"]) == .plain("/dev/root"))
  }

  /// As Debian's installer makes it: logical volumes in one LUKS partition.
  @Test func logicalVolumesAreAsTheirPartsAre() throws {
    let mounts = "22 1 254:1 / / rw,relatime - ext4 /dev/mapper/box--vg-root rw\n"
    let uuids = ["dm-0": "CRYPT-LUKS1-0011-sda5_crypt", "dm-1": "LVM-AbCd"]
    #expect(
      try finding(mounts, uuids: uuids, numbers: ["dm-1": "254:1"], slaves: ["dm-1": ["dm-0"], "dm-0": ["sda5"]])
        == .encrypted("an encrypted volume (LUKS1)"))
    // One that was extended over a second, plain disk.
    #expect(
      try finding(
        mounts, uuids: uuids, numbers: ["dm-1": "254:1"], slaves: ["dm-1": ["dm-0", "sdb1"], "dm-0": ["sda5"]])
        == .plain("/dev/mapper/box--vg-root"))
  }

  /// dm-verity checks, and hides nothing.
  @Test func whatIsOnlyCheckedIsNotEncrypted() throws {
    let mounts = "22 1 254:0 / / ro,relatime - ext4 /dev/mapper/root ro\n"
    #expect(
      try finding(
        mounts, uuids: ["dm-0": "CRYPT-VERITY-0011-root"], numbers: ["dm-0": "254:0"], slaves: ["dm-0": ["sda1"]])
        == .plain("/dev/mapper/root"))
  }

  /// Btrfs shows a number that no device has.
  @Test func btrfsIsFoundByTheNameOfItsDevice() throws {
    let mounts = "22 1 0:24 /@ / rw,relatime shared:1 - btrfs /dev/mapper/root rw,subvol=/@\n"
    #expect(
      try finding(mounts, uuids: ["dm-3": "CRYPT-PLAIN-root"], names: ["dm-3": "root"])
        == .encrypted("an encrypted volume (PLAIN)"))
    let plain = "22 1 0:24 /@ / rw,relatime - btrfs /dev/nvme0n1p2 rw\n"
    #expect(try finding(plain, slaves: ["nvme0n1p2": []]) == .plain("/dev/nvme0n1p2"))
  }

  @Test func ofSeveralMountsTheOneThatIsSeenCounts() throws {
    // A name with a space, and a second mount over the first.
    let mounts =
      Self.plainRoot + "80 22 254:0 / /srv/my\\040data rw - ext4 /dev/mapper/a rw\n"
      + "81 80 8:17 / /srv/my\\040data rw shared:9 master:2 - ext4 /dev/sdb1 rw\n"
    let uuids = ["dm-0": "CRYPT-LUKS2-00-a"]
    let numbers = ["dm-0": "254:0", "sdb1": "8:17", "sda1": "8:1"]
    #expect(
      try finding(mounts, of: "/srv/my data/vitals", uuids: uuids, numbers: numbers) == .plain("/dev/sdb1"))
  }

  @Test func foldersMemoryAndWhatNobodyKnows() throws {
    #expect(
      try finding(Self.plainRoot, numbers: ["sda1": "8:1"], encryptedFolders: ["/var/lib/vitals"])
        == .encrypted("an encrypted folder (fscrypt)"))
    #expect(try finding("22 1 0:30 / / rw - tmpfs tmpfs rw\n") == .inMemory("tmpfs"))
    for type in ["zfs tank/data", "nfs4 nas:/vitals", "overlay overlay"] {
      let found = try finding("22 1 0:30 / / rw - \(type) rw\n")
      guard case .notKnown(let why) = found else {
        Issue.record("\(type): \(found)")
        continue
      }
      #expect(why.contains(String(type.split(separator: " ")[0])))
    }
    #expect(try finding(nil) == .notKnown("/proc/self/mountinfo cannot be read"))
    #expect(try finding("nonsense\n\n22 1 8:1\n") == .notKnown("no mount point is above /var/lib/vitals"))
  }

  /// The kernel's own list, whatever this machine has: the folder that exists is found on some mount.
  @Test func thisMachineSaysSomething() {
    let found = VolumeEncryption.here.finding(of: FileManager.default.temporaryDirectory.path(percentEncoded: false))
    #expect(found != .notKnown("/proc/self/mountinfo cannot be read"))
  }
}
