/// Columns of text under their heads, as wide as the widest cell.
struct Table {
  struct Row {
    var cells: [String]
    var style: Style = .plain
  }

  var heads: [String]
  /// Columns that may be cut where a terminal is too narrow, by their place: names, addresses, reasons, remarks. What a person
  /// acts on, such as a value, a time, an id to type or who was told, is never cut; its line is rather broken by the terminal.
  var flexible: Set<Int> = []
  var rows: [Row] = []

  /// The narrowest that a column is cut to: what is left of a name still tells it from others.
  static let narrowest = 12
  /// Between two columns.
  private static let gap = 2

  /// The lines, without blanks at their ends.
  ///
  /// - Parameter columns: of the terminal that they are for; nil: nothing is cut.
  func lines(within columns: Int? = nil) -> [(text: String, style: Style)] {
    let all =
      [Row(cells: heads, style: .faint)] + rows.map { Row(cells: $0.cells.map(Console.cleaned), style: $0.style) }
    var widths = heads.indices.map { column in
      all.map { column < $0.cells.count ? DisplayWidth.of($0.cells[column]) : 0 }.max() ?? 0
    }
    if let columns { fit(&widths, into: columns) }
    return all.map { row in
      var line = ""
      for (column, whole) in row.cells.enumerated() where column < widths.count {
        let cell = DisplayWidth.cut(whole, to: widths[column])
        line += cell
        if column + 1 < row.cells.count {
          line += String(repeating: " ", count: widths[column] - DisplayWidth.of(cell) + Self.gap)
        }
      }
      while line.last == " " { line.removeLast() }
      return (line, row.style)
    }
  }

  /// Takes from the widest column that may be cut, the last of equals, until all fit or none is left to take from. Heads stay
  /// whole.
  private func fit(_ widths: inout [Int], into columns: Int) {
    var excess = widths.reduce(0, +) + Self.gap * max(0, widths.count - 1) - columns
    while excess > 0 {
      let widest = flexible.filter { column in
        widths.indices.contains(column)
          && widths[column] > max(Self.narrowest, DisplayWidth.of(heads[column]))
      }.max { (widths[$0], $0) < (widths[$1], $1) }
      guard let widest else { return }
      widths[widest] -= 1
      excess -= 1
    }
  }

  func print(to console: Console) {
    for line in lines(within: console.words.columns) { console.say(line.text, line.style) }
  }
}
