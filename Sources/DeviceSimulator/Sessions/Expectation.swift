import BluetoothLE
import Devices
package import Foundation
import Observations
import YAMLDocuments

/// A device's `expected.yaml`: what its session must give.
package struct Expectation: Sendable {
  let document: YAMLDocument

  /// - Throws: ``SessionFileError`` with everything wrong.
  package init(contentsOf url: URL) throws(SessionFileError) {
    let schema: JSONSchema
    do throws(Diagnostic) {
      document = try YAMLDocument(contentsOf: url)
      schema = try JSONSchema(bytes: PackageResources.expected_schema_json, name: "expected.schema.json")
    } catch {
      throw SessionFileError(diagnostics: [error])
    }
    let faults = schema.validate(document)
    guard faults.isEmpty else { throw SessionFileError(diagnostics: faults) }
  }

  /// Where what was collected is not what was expected: one sentence each, with the line; empty when all is right.
  package func differences(_ collector: ReplayCollector) async -> [String] {
    var comparison = Comparison(document: document)
    let collected = await collector.collected
    let expected = document.root["observations"]?.items ?? []
    comparison.same("\(expected.count)", "\(collected.count)", document.root, "the number of observations")
    for (node, found) in zip(expected, collected) { comparison.compare(node, found) }
    await compareRest(collector, &comparison)
    return comparison.differences
  }

  private func compareRest(_ collector: ReplayCollector, _ comparison: inout Comparison) async {
    let root = document.root
    if let node = root["information"] {
      let found = await collector.information
      let hex = found?.systemID.map { $0.map { String(format: "%02X", $0) }.joined() }
      for (name, value) in [
        ("manufacturer", found?.manufacturer), ("model", found?.model), ("serial", found?.serial),
        ("hardware", found?.hardware), ("firmware", found?.firmware), ("software", found?.software),
        ("system-id", hex),
      ] {
        comparison.same(node[name]?.text ?? "none", value ?? "none", node, "information.\(name)")
      }
    }
    func number(_ name: String, _ found: Int?) {
      guard let node = root[name] else { return }
      comparison.same(node.decimal.map { "\($0)" } ?? "", found.map(String.init) ?? "none", node, name)
    }
    number("battery", await collector.battery)
    number("samples", await collector.samples.count)
    number("samples-without-rate", await collector.samples.count { $0.beatsPerMinute == nil })
    number("undecodable", await collector.undecodable.count)
    if let node = root["clock-offset"] {
      let found = await collector.clockOffset
      comparison.same(
        node.decimal.map { "\($0)" } ?? "", found.map { "\(Decimal($0))" } ?? "none", node, "clock-offset")
    }
    if let node = root["keeps-subscriptions"] {
      let found = await collector.keepsSubscriptions
      comparison.same("\(node.boolean ?? false)", found.map { "\($0)" } ?? "none", node, "keeps-subscriptions")
    }
  }
}

/// Compares by what people read, and gathers the differences.
private struct Comparison {
  let document: YAMLDocument
  var differences: [String] = []

  init(document: YAMLDocument) { self.document = document }

  mutating func same(_ expected: String, _ found: String, _ node: YAMLNode, _ what: String) {
    guard expected != found else { return }
    differences.append("\(document.file):\(node.line): \(what): expected \(expected), got \(found)")
  }

  mutating func compare(_ node: YAMLNode, _ found: ReplayCollector.Collected) {
    let observation = found.observation
    same(node["kind"]?.text ?? "", observation.kind.rawValue, node, "kind")
    same("\(node["live"]?.boolean ?? false)", "\(found.live)", node, "live")
    same(effective(node["effective"]), effective(observation.effective), node, "effective")
    same(node["basis"]?.text ?? "", observation.effective.basis.rawValue, node, "basis")
    same(
      node["device-time"]?.text ?? "none", observation.provenance.deviceTime?.verbatim ?? "none", node, "device-time")
    same(
      node["user"]?.integer.map(String.init) ?? "none", observation.userSlot.map(String.init) ?? "none", node, "user")
    same(names(node["flags"]), observation.flags.map(\.rawValue).sorted().joined(separator: " "), node, "flags")
    same(names(node["marks"]), observation.marks.map(\.rawValue).sorted().joined(separator: " "), node, "marks")
    let components = node["components"]?.items ?? []
    same("\(components.count)", "\(observation.components.count)", node, "the number of components")
    for (component, found) in zip(components, observation.components) {
      same(written(component), written(found), component, "component")
    }
  }

  private func names(_ node: YAMLNode?) -> String {
    (node?.items ?? []).compactMap(\.text).sorted().joined(separator: " ")
  }

  private func effective(_ node: YAMLNode?) -> String {
    guard let node else { return "" }
    let dates = (node.text.map { [$0] } ?? node.items.compactMap(\.text)).compactMap(Instant.date)
    return dates.map(written).joined(separator: " – ")
  }

  private func effective(_ time: EffectiveTime) -> String {
    switch time.span {
    case .instant(let date): written(date)
    case .period(let start, let end): written(start) + " – " + written(end)
    }
  }

  private func written(_ date: Date) -> String {
    date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  private func written(_ node: YAMLNode) -> String {
    let code = node["code"]?.integer.map(String.init) ?? ""
    let statistic = node["statistic"]?.text.map { " " + $0 } ?? ""
    if let reason = node["absent"]?.text { return "\(code)\(statistic) absent \(reason)" }
    return "\(code)\(statistic) \(node["value"]?.decimal.map { "\($0)" } ?? "?") \(node["unit"]?.text ?? "")"
  }

  private func written(_ component: ObservationComponent) -> String {
    let statistic = component.statistic.map { " " + $0.rawValue } ?? ""
    switch component.value {
    case .absent(let reason): return "\(component.code.rawValue)\(statistic) absent \(reason.rawValue)"
    case .quantity(let quantity):
      return "\(component.code.rawValue)\(statistic) \(quantity.value) \(quantity.unit.rawValue)"
    }
  }
}
