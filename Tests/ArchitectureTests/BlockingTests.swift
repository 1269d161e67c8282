import Foundation
import Testing

/// What blocks has threads that tasks do not run on (`Decisions/BlockingWork.md`).
@Suite struct BlockingTests {
  @Test(
    "Dispatch's global and concurrent queues, which have the threads of Swift's tasks, are not used",
    arguments: [".global(", "attributes: .concurrent", "concurrentPerform"])
  func sharedThreads(_ word: String) throws {
    let files = try #require(FileManager.default.enumerator(at: ImportTests.sources, includingPropertiesForKeys: nil))
    var queues = 0
    for case let file as URL in files where file.pathExtension == "swift" {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let code = line.trimmingCharacters(in: .whitespaces)
        guard !code.hasPrefix("//") else { continue }
        if code.contains("DispatchQueue(label:") { queues += 1 }
        #expect(!code.contains(word), "\(file.lastPathComponent): \(code)")
      }
    }
    #expect(queues > 5, "the reader of sources found too little to mean anything")
  }
}
