import Foundation

/// A resource as a server holds it: with an id of its own, and references by type and id.
package struct HeldResource: Hashable, Sendable {
  /// `Observation`, `Patient`, `Device`.
  package let type: String
  /// `Resource.id`: letters, digits, `-` and `.`, at most 64.
  package let id: String
  package let json: JSONValue

  /// `Observation/…`, as other resources refer to it.
  package var reference: String { "\(type)/\(id)" }

  /// - Parameters:
  ///   - resource: as it is sent, with `resourceType` first and without an id.
  ///   - lastUpdated: nil where nobody knows.
  init(_ resource: JSONValue, id: String, lastUpdated: Date?, timeZone: TimeZone) {
    guard case .object(var members) = resource, case .string(let type)? = resource["resourceType"] else {
      preconditionFailure("a resource is an object with a resourceType")
    }
    self.type = type
    self.id = id
    members.insert(.init("id", .string(id)), at: 1)
    if let lastUpdated, let meta = members.firstIndex(where: { $0.name == "meta" }),
      case .object(let about) = members[meta].value
    {
      let time = JSONValue.Member("lastUpdated", .string(FHIRDateTime.text(lastUpdated, in: timeZone)))
      members[meta] = .init("meta", .object([time] + about))
    }
    json = .object(members)
  }

  /// Whether one of `identifier` is this. An empty system asks for one without.
  package func hasIdentifier(_ token: TokenValue) -> Bool {
    json["identifier"].elements.contains { identifier in
      token.matches(system: identifier["system"].text, code: identifier["value"].text)
    }
  }

  /// Whether a coding of `element`, a CodeableConcept or a list of them, is this.
  package func hasCoding(_ element: String, _ token: TokenValue) -> Bool {
    json[element].elements.contains { concept in
      concept["coding"].elements.contains { token.matches(system: $0["system"].text, code: $0["code"].text) }
    }
  }

  /// `status`; nil where there is none.
  package var status: String? { json["status"].text }

  /// What this says that `name` refers to: `Patient/…`; nil where there is none.
  package func reference(_ name: String) -> String? { json[name]?["reference"].text }

  /// Everything that it refers to by an extension.
  package var extensionReferences: [String] {
    json["extension"].elements.compactMap { $0["valueReference"]?["reference"].text }
  }
}

extension JSONValue {
  /// The same with each string for which `name` knows another in its place.
  func replacing(references: [String: String]) -> JSONValue {
    switch self {
    case .object(let members):
      .object(
        members.map { member in
          if member.name == "reference", case .string(let old) = member.value, let new = references[old] {
            return Member(member.name, .string(new))
          }
          return Member(member.name, member.value.replacing(references: references))
        })
    case .array(let values): .array(values.map { $0.replacing(references: references) })
    default: self
    }
  }
}

extension Optional where Wrapped == JSONValue {
  /// The elements of an array; a value by itself where there is no array; none where there is nothing.
  var elements: [JSONValue] {
    switch self {
    case .array(let values)?: values
    case let value?: [value]
    case nil: []
    }
  }

  /// The text of a string.
  var text: String? {
    if case .string(let text)? = self { text } else { nil }
  }
}
