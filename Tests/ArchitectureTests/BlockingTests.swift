import Foundation
import Testing

/// What blocks has threads that tasks do not run on (`Decisions/BlockingWork.md`).
@Suite struct BlockingTests {
  private static let words = [".global(", "attributes: .concurrent", "concurrentPerform"]

  @Test("Dispatch's global and concurrent queues, which have the threads of Swift's tasks, are not used")
  func sharedThreads() throws {
    let files = try #require(FileManager.default.enumerator(at: ImportTests.sources, includingPropertiesForKeys: nil))
    var queues = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      guard text.contains("Dispatch") else { continue }
      for line in text.split(separator: "\n") where !line.drop(while: { $0 == " " }).hasPrefix("//") {
        if line.contains("DispatchQueue(label:") { queues += 1 }
        for word in Self.words { #expect(!line.contains(word), "\(file.lastPathComponent): \(line)") }
      }
    }
    #expect(queues > 5, "the reader of sources found too little to mean anything")
  }
}
