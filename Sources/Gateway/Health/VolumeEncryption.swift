import Foundation
import Glibc

/// Whether a folder lies on an encrypted volume, as the kernel says: `/proc/self/mountinfo` (proc_pid_mountinfo(5)), device
/// mapper's names in sysfs (`dm/uuid` of a dm-crypt device begins with `CRYPT-`), and the folder's own flag (fscrypt).
struct VolumeEncryption {
  enum Finding: Hashable {
    /// How, as the end of a sentence: “an encrypted volume (LUKS2)”.
    case encrypted(String)
    /// The type of a file system that has no disk.
    case inMemory(String)
    /// The name of the device that is not, or of the file system where it has none.
    case plain(String)
    case notKnown(String)
  }

  /// The text of `mountinfo`; nil: it can't be read.
  var mountinfo: String?
  /// Where sysfs is.
  var sysfs: String
  /// Whether a folder is encrypted by itself (fscrypt).
  var isFolderEncrypted: (String) -> Bool

  static var here: VolumeEncryption {
    VolumeEncryption(
      mountinfo: try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8), sysfs: "/sys",
      isFolderEncrypted: hasEncryptFlag)
  }

  /// - Parameter path: of a folder; links in it are followed.
  func finding(of path: String) -> Finding {
    let path = URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path(percentEncoded: false)
    if isFolderEncrypted(path) { return .encrypted("an encrypted folder (fscrypt)") }
    guard let mountinfo else { return .notKnown("/proc/self/mountinfo cannot be read") }
    guard let mount = Self.mounts(mountinfo).last(where: { $0.holds(path) }) else {
      return .notKnown("no mount point is above \(path)")
    }
    switch mount.type {
    case "tmpfs", "ramfs": return .inMemory(mount.type)
    // Stacked: it encrypts each file.
    case "ecryptfs", "fuse.gocryptfs", "fuse.cryfs", "fuse.encfs":
      return .encrypted("an encrypted file system (\(mount.type))")
    default: break
    }
    guard let device = device(of: mount) else {
      return .notKnown("it is of type \(mount.type), of which the kernel names no disk (\(mount.source))")
    }
    if let how = encryption(of: device, depth: 0) { return .encrypted("an encrypted volume (\(how))") }
    return .plain(mount.source)
  }

  // MARK: Mounts

  struct Mount: Hashable {
    /// `major:minor`.
    var device: String
    var point: String
    var type: String
    var source: String

    func holds(_ path: String) -> Bool { point == "/" || path == point || path.hasPrefix(point + "/") }
  }

  /// The deepest last, and of several on one point the one that is seen: they lie on one another in the order of the list.
  static func mounts(_ text: String) -> [Mount] {
    let all = text.split(separator: "\n").compactMap { line -> Mount? in
      let fields = line.split(separator: " ").map(String.init)
      // ID, parent, device, root, mount point, options, any number of tags, a hyphen, type, source.
      guard fields.count > 6, let hyphen = fields[6...].firstIndex(of: "-"), fields.count > hyphen + 2 else {
        return nil
      }
      return Mount(
        device: fields[2], point: unescaped(fields[4]), type: fields[hyphen + 1], source: unescaped(fields[hyphen + 2]))
    }
    return all.enumerated().sorted {
      ($0.element.point.utf8.count, $0.offset) < ($1.element.point.utf8.count, $1.offset)
    }
    .map(\.element)
  }

  /// Spaces, tabs, line feeds and backslashes stand as three octal digits.
  private static func unescaped(_ text: String) -> String {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
      let digits = rest.prefix(3)
      if octet == UInt8(ascii: "\\"), digits.count == 3,
        let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        octets.append(code)
        rest = rest.dropFirst(3)
      } else {
        octets.append(octet)
      }
    }
    return String(decoding: octets, as: UTF8.self)
  }

  // MARK: Devices

  /// The folder of sysfs of the device under a mount. Btrfs has a number of its own there, and names the device only.
  private func device(of mount: Mount) -> String? {
    let byNumber = "\(sysfs)/dev/block/\(mount.device)"
    if FileManager.default.fileExists(atPath: byNumber) { return byNumber }
    guard mount.source.hasPrefix("/dev/") else { return nil }
    let name = String(mount.source.dropFirst("/dev/".count))
    if name.hasPrefix("mapper/") {
      let mapped = String(name.dropFirst("mapper/".count))
      return entries("\(sysfs)/block").map { "\(sysfs)/block/\($0)" }.first { text("\($0)/dm/name") == mapped }
    }
    let byName = "\(sysfs)/class/block/\(name)"
    return FileManager.default.fileExists(atPath: byName) ? byName : nil
  }

  /// How everything is encrypted that is written to a device; nil: not all of it is. Logical volumes and arrays are as their
  /// parts are.
  private func encryption(of device: String, depth: Int) -> String? {
    if let uuid = text("\(device)/dm/uuid"), uuid.hasPrefix("CRYPT-") {
      // CRYPT-LUKS2-<uuid>-<name>, CRYPT-PLAIN-<name>, CRYPT-VERITY-... only checks and hides nothing.
      let kind = uuid.split(separator: "-").dropFirst().first.map(String.init) ?? "dm-crypt"
      if !["VERITY", "INTEGRITY"].contains(kind) { return kind }
    }
    let parts = entries("\(device)/slaves")
    // Deeper than anything that people stack: sysfs has no circles, a wrong tree may.
    guard !parts.isEmpty, depth < 8 else { return nil }
    let kinds = parts.map { encryption(of: "\(device)/slaves/\($0)", depth: depth + 1) }
    return kinds.contains(nil) ? nil : Set(kinds.compactMap { $0 }).sorted().joined(separator: ", ")
  }

  private func entries(_ path: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? []
  }

  private func text(_ path: String) -> String? {
    (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// FS_IOC_GETFLAGS and FS_ENCRYPT_FL of linux/fs.h: what is made in the folder is encrypted with the folder's key.
  private static func hasEncryptFlag(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // The kernel writes an int, whatever its own name for the request says.
    var flags: CLong = 0
    guard ioctl(descriptor, UInt(0x8008_6601), &flags) == 0 else { return false }
    return flags & 0x800 != 0
  }
}
