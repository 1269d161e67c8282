import Foundation

/// A page of a search: a Bundle of type `searchset` with its links.
package struct SearchBundle: Hashable, Sendable {
  /// Why a resource is on the page (`search-entry-mode`).
  package enum Mode: String, Hashable, Sendable { case match, include }

  package struct Entry: Hashable, Sendable {
    package var resource: HeldResource
    package var mode: Mode

    package init(_ resource: HeldResource, _ mode: Mode = .match) {
      self.resource = resource
      self.mode = mode
    }
  }

  package var entries: [Entry] = []
  /// The address of the search as it was understood.
  package var selfLink: String
  /// The address of the next page; nil on the last.
  package var next: String?
  /// How many match, on all pages; nil where nobody counted.
  package var total: Int?
  /// What was not understood and left out of account.
  package var outcome: OperationOutcome?

  package init(selfLink: String) { self.selfLink = selfLink }

  /// - Parameter base: the address of the server's root, without a slash at the end.
  package func json(base: String) -> JSONValue {
    func link(_ relation: String, _ url: String) -> JSONValue {
      .object(["relation": .string(relation), "url": .string(url)])
    }
    var all = entries.map { entry -> JSONValue in
      .object([
        "fullUrl": .string("\(base)/\(entry.resource.reference)"), "resource": entry.resource.json,
        "search": .object(["mode": .string(entry.mode.rawValue)]),
      ])
    }
    if let outcome { all.append(.object(["resource": outcome.json, "search": .object(["mode": "outcome"])])) }
    return .object([
      "resourceType": "Bundle", "type": "searchset", "total": total.map { .number(Decimal($0)) },
      "link": .array([link("self", selfLink)] + (next.map { [link("next", $0)] } ?? [])), "entry": .list(all),
    ])
  }
}
