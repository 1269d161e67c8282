import Foundation

/// The disk under a directory.
struct BlockDevice {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// Since the boot.
  struct Written {
    var octets: UInt64
    var writes: UInt64
    /// Times that the disk was told to empty its own cache.
    var flushes: UInt64
  }

  private let path: String

  init(of directory: String) throws {
    var information = stat()
    guard stat(directory, &information) == 0 else { throw Failure(description: "there is no \(directory)") }
    // makedev(3): glibc's layout.
    let device = UInt64(information.st_dev)
    let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
    let minor = device & 0xFF | (device >> 12) & ~0xFF
    path = "/sys/dev/block/\(major):\(minor)/stat"
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(description: "\(directory) lies on no block device of its own")
    }
  }

  /// Everything that file systems hold in memory is written: in the guest there is no other one on a disk.
  func synchronise() { sync() }

  /// Block layer statistics, Documentation/block/stat.rst: sectors of 512 octets.
  func written() throws -> Written {
    let fields = try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isWhitespace)
      .compactMap { UInt64($0) }
    guard fields.count >= 7 else { throw Failure(description: "\(path) is of another form") }
    return Written(octets: fields[6] * 512, writes: fields[4], flushes: fields.count > 15 ? fields[15] : 0)
  }
}
