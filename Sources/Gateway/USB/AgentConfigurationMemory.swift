import Devices
import Foundation
package import Store
package import WireFormats

/// The configurations that IEEE 11073 agents reported: one of the store's single values for each agent, the latest first.
package struct AgentConfigurationMemory: Sendable {
  /// Of one agent. A device has one or two; one that makes up new ones must not fill the disk.
  package static let most = 8

  private let store: Store

  package init(store: Store) { self.store = store }

  private static func key(_ systemID: [UInt8]) -> String {
    "agent-configurations:" + systemID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }

  /// What cannot be read is not known: the agent reports it again, and takes its place.
  private func all(_ systemID: [UInt8]) async throws(StoreFailure) -> [AgentConfiguration] {
    guard let text = try await store.setting(Self.key(systemID)) else { return [] }
    return (try? JSONDecoder().decode([AgentConfiguration].self, from: Data(text.utf8))) ?? []
  }

  /// Nil when it was never reported, or cannot be read.
  package func configuration(_ key: AgentConfiguration.Key) async -> AgentConfiguration? {
    (try? await all(key.systemID))?.first { $0.key == key }
  }

  /// Returns when it is on disk.
  package func remember(_ configuration: AgentConfiguration) async throws(StoreFailure) {
    let systemID = configuration.key.systemID
    var known = try await all(systemID).filter { $0.key != configuration.key }
    known.insert(configuration, at: 0)
    guard let data = try? JSONEncoder().encode(Array(known.prefix(Self.most))) else { return }
    try await store.setSetting(Self.key(systemID), to: String(decoding: data, as: UTF8.self))
  }
}
