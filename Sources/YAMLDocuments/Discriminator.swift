/// By what the branches of a `oneOf` differ.
enum Discriminator {
  /// The property whose `const` names the branch.
  case property(String)
  /// Each branch takes other types.
  case kind

  /// Nil when neither tells the branches apart.
  init?(_ branches: [JSONSchema.Rule]) {
    let first = branches.first?.properties.map(\.name) ?? []
    for name in first {
      let constants = branches.map { branch -> YAMLNode.Value? in
        guard let allowed = branch.property(name)?.allowed, allowed.count == 1 else { return nil }
        return allowed[0]
      }
      let known = constants.compactMap(\.self)
      if known.count == branches.count, Set(known).count == known.count {
        self = .property(name)
        return
      }
    }
    let kinds = branches.flatMap(\.kinds)
    guard !branches.contains(where: { $0.kinds.isEmpty }), Set(kinds).count == kinds.count else { return nil }
    self = .kind
  }
}
