/// Answers an unknown name with the known ones, the nearest first.
package struct KnownNames: Sendable {
  package let names: [String]

  package init(_ names: some Sequence<String>) { self.names = Array(names) }

  /// The names ordered by their edit distance from `unknown`; equals keep their order.
  package func nearestFirst(to unknown: String) -> [String] {
    names.enumerated()
      .map { (distance: Self.distance($0.element.lowercased(), unknown.lowercased()), place: $0.offset, $0.element) }
      .sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
      .map(\.2)
  }

  /// `known here: bond, security, subscribe` with the nearest to `unknown` first, and at most `limit` of them.
  package func answer(to unknown: String, limit: Int = 12) -> String {
    wording(to: unknown, limit: limit).en
  }

  /// As ``answer(to:limit:)``, in both languages.
  func wording(to unknown: String, limit: Int = 12) -> Wording {
    guard !names.isEmpty else { return Wording("no names are known here", "ở đây không dùng tên nào") }
    let nearest = nearestFirst(to: unknown)
    let more = nearest.count - limit
    let rest = more > 0 ? Wording(", and \(more) more", " và \(more) tên khác") : Wording("")
    return Wording("known here: ", "ở đây dùng được: ") + Wording(nearest.prefix(limit).joined(separator: ", ")) + rest
  }

  /// Levenshtein's distance over the first 64 characters of each.
  static func distance(_ left: String, _ right: String) -> Int {
    let left = Array(left.prefix(64))
    let right = Array(right.prefix(64))
    var row = Array(0...right.count)
    for (lineIndex, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = lineIndex + 1
      for (index, other) in right.enumerated() {
        let above = row[index + 1]
        row[index + 1] = min(above + 1, row[index] + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}
