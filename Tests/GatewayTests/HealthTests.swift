import Foundation
import LocalAPI
import Logging
import Testing

@testable import Gateway

@Suite struct HealthTests {
  private let health = Health(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))

  @Test("a warning that is repeated keeps its age and takes the newer words")
  func repeated() {
    health.warn("a", .warning, "first", at: Date(timeIntervalSince1970: 100))
    health.warn("a", .error, "second", at: Date(timeIntervalSince1970: 200))
    #expect(health.warnings.count == 1)
    #expect(health.warnings.first?.title == "second")
    #expect(health.warnings.first?.since.date == Date(timeIntervalSince1970: 100))
  }

  @Test("two subjects of one kind are two warnings, the worst first")
  func subjects() {
    health.warn("a", about: "one", .notice, "one")
    health.warn("a", about: "two", .error, "two")
    #expect(health.warnings.map(\.id) == ["a:two", "a:one"])
    #expect(health.warnings.map(\.kind) == ["a", "a"])
    health.clear("a", about: "two")
    #expect(health.warnings.map(\.id) == ["a:one"])
  }

  @Test("a warning of what happened once ends by itself, and lasts anew when it happens again")
  func lasting() {
    health.warn("a", .warning, "once", lasting: 60, at: Date(timeIntervalSinceNow: -61))
    health.warn("b", .warning, "for ever", at: Date(timeIntervalSinceNow: -61))
    #expect(health.warnings.map(\.id) == ["b"])
    health.warn("a", .warning, "again", lasting: 60)
    #expect(Set(health.warnings.map(\.id)) == ["a", "b"])
  }

  @Test("what is wrong with one device is not taken for the adapter's trouble")
  func ofAdapter() {
    health.warn(HealthWarning.Kind.strangerPairing, about: "F0:F1:F2:F3:F4:F5", .error, "stranger")
    #expect(health.adapterWarning == nil)
    health.warn(HealthWarning.Kind.adapterOff, .warning, "off")
    #expect(health.adapterWarning?.title == "off")
  }
}
