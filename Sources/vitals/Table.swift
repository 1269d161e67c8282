/// Columns of text under their heads, as wide as the widest cell.
struct Table {
  struct Row {
    var cells: [String]
    var style: Style = .plain
  }

  var heads: [String]
  var rows: [Row] = []

  /// The lines, without blanks at their ends.
  var lines: [(text: String, style: Style)] {
    let all =
      [Row(cells: heads, style: .faint)] + rows.map { Row(cells: $0.cells.map(Console.cleaned), style: $0.style) }
    let widths = heads.indices.map { column in
      all.map { column < $0.cells.count ? Self.width($0.cells[column]) : 0 }.max() ?? 0
    }
    return all.map { row in
      var line = ""
      for (column, cell) in row.cells.enumerated() where column < widths.count {
        line += cell
        if column + 1 < row.cells.count {
          line += String(repeating: " ", count: widths[column] - Self.width(cell) + 2)
        }
      }
      while line.last == " " { line.removeLast() }
      return (line, row.style)
    }
  }

  func print(to console: Console) {
    for line in lines { console.say(line.text, line.style) }
  }

  /// Columns of a terminal: two for the wide letters of East Asia and for pictures, one for everything else.
  static func width(_ text: String) -> Int {
    text.reduce(0) { sum, character in
      guard let scalar = character.unicodeScalars.first else { return sum }
      switch scalar.value {
      case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
        return sum + 2
      default: return sum + 1
      }
    }
  }
}
