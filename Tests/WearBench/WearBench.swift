import Foundation
import NIOCore
import Observations
import Store

/// What a day writes to the disk that its data lies on: see `Tests/Lab/bench.py`, which runs this in an emulated machine on a
/// file system that nothing else writes to.
///
///     WearBench DIRECTORY idle|cuffs|strap|down URL
///
/// The day passes by a clock of its own, and after each thing that happens in it the file system writes whatever it has not
/// written yet (sync(2)), as ext4 does within half a minute by itself: what lies further apart is written apart. Prints one
/// JSON object: what the kernel counted for the block device.
@main
enum WearBench {
  struct Answer: Encodable {
    var readings: Int
    /// Octets.
    var written: UInt64
    var writes: UInt64
    var flushes: UInt64
    /// The same of making the daily copy, which is not in them.
    var copy: UInt64
    /// The database, in octets.
    var database: UInt64
  }

  @MainActor static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 4, let kind = Day.Kind(rawValue: words[2]) else {
      FileHandle.standardError.write(Data("usage: WearBench DIRECTORY idle|cuffs|strap|down URL\n".utf8))
      exit(64)
    }
    // As vitalsd has it.
    NIOSingletons.groupLoopCountSuggestion = 1
    let disk = try BlockDevice(of: words[1])
    let day = try await Day.open(directory: words[1], url: words[3], disk: disk)
    let before = try disk.written()
    try await day.pass(kind)
    let after = try disk.written()
    let copy = try await day.copy()
    let database = try await day.databaseSize()
    try await day.close()
    let answer = Answer(
      readings: day.readings, written: after.octets - before.octets, writes: after.writes - before.writes,
      flushes: after.flushes - before.flushes, copy: copy, database: database)
    print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
  }
}
