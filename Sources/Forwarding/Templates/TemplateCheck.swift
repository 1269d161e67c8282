/// Holds every tag of a template against the fields that a message can have.
///
/// Mustache writes nothing where a name is unknown; a slip of the finger would be found by an alert that says nothing.
struct TemplateCheck {
  private struct Scope {
    var name: String
    /// What is named inside, before what is outside; nil: nothing new.
    var members: [String: TemplateField]?
    /// What `.` stands for.
    var current: TemplateField?
    var isList: Bool
    var tag: TemplateTag
  }

  private var scopes: [Scope] = []
  private(set) var faults: [TemplateFault] = []

  /// What can be asked about the place in a list: `{{^last()}}, {{/last()}}`.
  private static let places: Set<String> = ["first()", "last()", "even()", "odd()", "index()"]

  /// Everything that is wrong with these tags, in their order.
  static func faults(of tags: [TemplateTag]) -> [TemplateFault] {
    var check = TemplateCheck()
    for tag in tags { check.look(at: tag) }
    for scope in check.scopes {
      check.faults.append(scope.tag.fault("the section '\(scope.name)' is not ended by '{{/\(scope.name)}}'"))
    }
    return check.faults
  }

  private mutating func look(at tag: TemplateTag) {
    switch tag.kind {
    case .comment: return
    case .other(let first):
      faults.append(
        tag.fault("'{{\(first)' is not for templates of a message: they name its fields and use no other file"))
    case .end:
      guard let scope = scopes.popLast() else {
        faults.append(tag.fault("'{{/\(tag.name)}}' ends no section"))
        return
      }
      if scope.name != tag.name {
        faults.append(
          tag.fault("'{{/\(tag.name)}}' stands where '{{/\(scope.name)}}' is expected (line \(scope.tag.line))"))
      }
    case .variable:
      guard let field = field(of: tag) else { return }
      switch field {
      case .value: break
      case .flag:
        faults.append(
          tag.fault(
            "'\(tag.name)' is true or not there, and no text; ask for it by '{{#\(tag.name)}}…{{/\(tag.name)}}'"))
      case .object(let members):
        faults.append(
          tag.fault("'\(tag.name)' holds fields; name one: \(Self.list(members.keys, after: tag.name))"))
      case .list:
        faults.append(
          tag.fault("'\(tag.name)' is a list; write '{{#\(tag.name)}}…{{/\(tag.name)}}' around what is said of each"))
      }
    case .section, .inverted:
      let found = field(of: tag)
      let isSection = tag.kind == .section
      var scope = Scope(name: tag.name, members: nil, current: nil, isList: false, tag: tag)
      if isSection, let found {
        scope.members = found.members
        switch found {
        case .list(let element): (scope.current, scope.isList) = (element, true)
        case .object, .value: scope.current = found
        // Mustache makes no new current of what is only true.
        case .flag: break
        }
      }
      scopes.append(scope)
    }
  }

  private mutating func field(of tag: TemplateTag) -> TemplateField? {
    if Self.places.contains(tag.name) {
      guard scopes.contains(where: \.isList) else {
        faults.append(tag.fault("'\(tag.name)' is of a list; it stands outside of one"))
        return nil
      }
      return tag.name == "index()" ? .value : .flag
    }
    if tag.name.contains("(") {
      faults.append(
        tag.fault("'\(tag.name)' is not known; \(Self.places.sorted().joined(separator: ", ")) are, inside a list"))
      return nil
    }
    if tag.name == "." {
      if let current = scopes.last(where: { $0.current != nil })?.current { return current }
      faults.append(tag.fault("'.' stands outside of any section; name a field"))
      return nil
    }
    let parts = tag.name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    // The first name is looked for from the inside out, the others below it.
    let levels = scopes.reversed().compactMap(\.members) + [TemplateField.message]
    guard let first = parts.first, var field = levels.lazy.compactMap({ $0[first] }).first else {
      faults.append(
        tag.fault(
          "a message has no field '\(tag.name)'; expected one of "
            + Self.list((levels.first ?? [:]).keys, after: nil)))
      return nil
    }
    for (index, part) in parts.enumerated().dropFirst() {
      guard case .object(let members) = field, let next = members[part] else {
        let above = parts[..<index].joined(separator: ".")
        let known = if case .object(let members) = field { Self.list(members.keys, after: above) } else { "'\(above)'" }
        faults.append(tag.fault("a message has no field '\(tag.name)'; expected one of \(known)"))
        return nil
      }
      field = next
    }
    return field
  }

  private static func list(_ names: some Sequence<String>, after prefix: String?) -> String {
    names.sorted().map { name in prefix.map { "\($0).\(name)" } ?? name }.joined(separator: ", ")
  }
}
