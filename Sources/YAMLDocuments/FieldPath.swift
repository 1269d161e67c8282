/// The way from a document's root to a field, as a person writes it: `session.subscribe[0].kind`.
package struct FieldPath: Hashable, Sendable, CustomStringConvertible {
  package private(set) var description: String

  package init(_ description: String = "") { self.description = description }

  /// The field `name` in the mapping at this path.
  package func field(_ name: String) -> FieldPath {
    FieldPath(description.isEmpty ? name : description + "." + name)
  }

  /// The item `index`, from 0, of the list at this path.
  package func item(_ index: Int) -> FieldPath { FieldPath(description + "[\(index)]") }
}
