/// A kind of rule: its name in rule files, the fields it has beyond those every rule has, and how they are read.
package struct RuleKind: Sendable {
  /// The value of `kind:`.
  package let name: String
  /// The fields this kind understands, besides ``AlertRule/commonFields``.
  package let fields: [String]
  let read: @Sendable (RuleParameters) throws(RuleFault) -> AlertRule.Kind

  init(
    name: String, fields: [String], read: @escaping @Sendable (RuleParameters) throws(RuleFault) -> AlertRule.Kind
  ) {
    self.name = name
    self.fields = fields
    self.read = read
  }
}

/// The list of kinds: one line each.
package enum RuleKinds {
  package static let all: [RuleKind] = [
    .threshold,
    .sustained,
    .confirm,
    .count,
    .average,
    .change,
    .missing,
    .device,
    .gateway,
  ]

  /// The kind of that name; nil when there is none.
  package static func named(_ name: String) -> RuleKind? { all.first { $0.name == name } }
}
