import Foundation

/// What `Tests/Lab/bench.py` asks for, one figure set at a time, as JSON on standard output.
@main
enum Bench {
  static func main() async throws {
    let words = Array(CommandLine.arguments.dropFirst())
    switch (words.first, words.dropFirst().first.flatMap { Int($0) }) {
    case ("hid", let visits?) where visits > 0: try show(await HIDBench.run(visits: visits))
    case ("x73", let count?) where count >= 0: try show(DecodingBench.run(count: count))
    default:
      FileHandle.standardError.write(Data("usage: vitals-bench hid VISITS | x73 APDUS\n".utf8))
      exit(64)
    }
  }

  private static func show(_ answer: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(answer), as: UTF8.self))
  }
}
