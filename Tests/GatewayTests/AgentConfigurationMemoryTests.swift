import Foundation
import Gateway
import Store
import Testing
import WireFormats

/// What agents of IEEE 11073 reported once is known after a start.
@Suite struct AgentConfigurationMemoryTests {
  private func configuration(_ systemID: UInt8, _ id: UInt16) throws -> AgentConfiguration {
    let standard = try #require(AgentConfiguration.standard(0x02BC))
    return AgentConfiguration(
      key: .init(systemID: [0, 0x22, 9, 0, 0, 0, 0, systemID], id: id), objects: standard.objects)
  }

  private func directory() throws -> URL {
    let directory = FileManager.default.temporaryDirectory.appending(path: "agents-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }

  @Test func itIsKnownAfterAStart() async throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.path(percentEncoded: false)
    let first = try configuration(1, 0x4000)
    do {
      let memory = AgentConfigurationMemory(store: try await Store.open(directory: path))
      #expect(await memory.configuration(first.key) == nil)
      try await memory.remember(first)
      try await memory.remember(configuration(2, 0x4000))
    }
    let memory = AgentConfigurationMemory(store: try await Store.open(directory: path))
    #expect(await memory.configuration(first.key) == first)
    #expect(await memory.configuration(.init(systemID: first.key.systemID, id: 0x4001)) == nil)
    #expect(await memory.configuration(.init(systemID: [9, 9, 9, 9, 9, 9, 9, 9], id: 0x4000)) == nil)
  }

  @Test func anAgentThatMakesUpNewOnesFillsNothing() async throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let memory = AgentConfigurationMemory(
      store: try await Store.open(directory: directory.path(percentEncoded: false)))
    let ids = (0x4000..<0x4000 + UInt16(AgentConfigurationMemory.most) + 3).map { $0 }
    for id in ids { try await memory.remember(configuration(1, id)) }
    var known: [UInt16] = []
    for id in ids where await memory.configuration(try configuration(1, id).key) != nil { known.append(id) }
    #expect(known == Array(ids.suffix(AgentConfigurationMemory.most)))
  }

  @Test func whatCannotBeReadIsAskedAgain() async throws {
    let directory = try directory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let store = try await Store.open(directory: directory.path(percentEncoded: false))
    let memory = AgentConfigurationMemory(store: store)
    let learned = try configuration(1, 0x4000)
    try await store.setSetting("agent-configurations:0022090000000001", to: "{")
    #expect(await memory.configuration(learned.key) == nil)
    try await memory.remember(learned)
    #expect(await memory.configuration(learned.key) == learned)
  }
}
