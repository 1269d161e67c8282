import Foundation
import Logging
import NIOCore

/// How soon an emergency is told, and what takes the time: see `Tests/Lab/bench.py`, which runs this beside a receiver and
/// shows what both say.
///
///     CrisisBench DIRECTORY URL SECRET-FILE ROUNDS
@main
enum CrisisBench {
  static func main() async throws {
    let words = CommandLine.arguments
    guard words.count == 5, let rounds = Int(words[4]), rounds > 0 else {
      FileHandle.standardError.write(Data("usage: CrisisBench DIRECTORY URL SECRET-FILE ROUNDS\n".utf8))
      exit(64)
    }
    // As vitalsd has it.
    NIOSingletons.groupLoopCountSuggestion = 1
    var log = Logger(label: "bench")
    log.logLevel = .critical
    let house = try await House.open(directory: words[1], url: words[2], secretFile: words[3], log: log)
    try await house.settle()
    var times: [Emergency.Times] = []
    for round in 0..<rounds { times.append(try await house.emergency(number: round)) }
    try await house.close()
    print(String(decoding: try JSONEncoder().encode(times), as: UTF8.self))
  }
}
