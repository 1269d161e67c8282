package import Foundation
import Yams

/// One YAML document as a tree of values that know their line and column.
///
/// Anchors, aliases and tags are refused: a file of settings needs none, and a handful of aliases can stand for more
/// values than a machine holds. Size and depth are bounded for the same reason.
package struct YAMLDocument: Sendable {
  /// What diagnostics call the file; as given, nothing is looked up by it.
  package let file: String
  package let root: YAMLNode

  /// The most octets a file may have unless the caller says otherwise.
  package static let defaultSizeLimit = 1 << 20
  /// The deepest nesting of lists and mappings.
  package static let depthLimit = 64

  /// - Throws: the first thing wrong: bad syntax, a name that stands twice, an anchor, an alias, a tag, more than
  ///   `sizeLimit` octets, or more than ``depthLimit`` levels.
  package init(text: String, file: String, sizeLimit: Int = defaultSizeLimit) throws(Diagnostic) {
    self.file = file
    guard text.utf8.count <= sizeLimit else {
      throw Diagnostic(
        file: file, line: 0, column: 0, field: "",
        message: "the file has \(text.utf8.count) bytes; at most \(sizeLimit) are read",
        vi: "tệp có \(text.utf8.count) byte; chỉ đọc tối đa \(sizeLimit)")
    }
    if let place = AliasCandidates.first(in: text, after: 12) {
      throw Diagnostic(file: file, line: place, column: 1, field: "", message: Self.anchors.en, vi: Self.anchors.vi)
    }
    do {
      let parser = try Parser(yaml: text, resolver: .basic)
      // A node holds its anchor weakly, the parser strongly: the anchors are seen only while the parser lives.
      root = try withExtendedLifetime(parser) {
        guard let node = try parser.singleRoot() else {
          return YAMLNode(.null, line: 1, column: 1)
        }
        return try Self.convert(node, file: file, path: FieldPath(), depth: 0)
      }
    } catch let diagnostic as Diagnostic {
      throw diagnostic
    } catch let error as YamlError {
      throw Self.diagnostic(for: error, file: file)
    } catch {
      throw Diagnostic(
        file: file, line: 0, column: 0, field: "", message: "is not YAML: \(error)", vi: "không phải YAML: \(error)")
    }
  }

  /// Reads `url`, which must be UTF-8; diagnostics call it `file`, by default its path.
  ///
  /// - Throws: as ``init(text:file:sizeLimit:)``, and when the file cannot be read.
  package init(contentsOf url: URL, file: String? = nil, sizeLimit: Int = defaultSizeLimit) throws(Diagnostic) {
    let name = file ?? url.path
    let data: Data
    do {
      let size = try url.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      guard size <= sizeLimit else {
        throw Diagnostic(
          file: name, line: 0, column: 0, field: "",
          message: "the file has \(size) bytes; at most \(sizeLimit) are read",
          vi: "tệp có \(size) byte; chỉ đọc tối đa \(sizeLimit)")
      }
      data = try Data(contentsOf: url)
    } catch let diagnostic as Diagnostic {
      throw diagnostic
    } catch {
      let reason =
        (error as? CocoaError)?.code == .fileReadNoSuchFile
        ? Wording("there is no such file", "không có tệp này") : Wording("\(error)")
      throw Diagnostic(
        file: name, line: 0, column: 0, field: "", message: "cannot be read: \(reason.en)",
        vi: "không đọc được: \(reason.vi)")
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw Diagnostic(
        file: name, line: 0, column: 0, field: "", message: "is not UTF-8 text", vi: "không phải văn bản UTF-8")
    }
    try self.init(text: text, file: name, sizeLimit: sizeLimit)
  }

  /// Something wrong at `node`, which stands at `path`.
  package func diagnostic(at node: YAMLNode, _ path: FieldPath, _ message: String, vi: String? = nil) -> Diagnostic {
    Diagnostic(file: file, line: node.line, column: node.column, field: path.description, message: message, vi: vi)
  }

  private static let anchors = Wording(
    "anchors (&) and aliases (*) are not read here; write the value out, or put quotes around text that begins so",
    "ở đây không dùng neo (&) và bí danh (*); hãy viết hẳn giá trị ra, hoặc đặt chữ bắt đầu như vậy trong dấu nháy")

  private static func convert(
    _ node: Node, file: String, path: FieldPath, depth: Int
  ) throws(Diagnostic) -> YAMLNode {
    let line = node.mark?.line ?? 0
    let column = node.mark?.column ?? 0
    func refuse(_ message: Wording) -> Diagnostic {
      Diagnostic(
        file: file, line: line, column: column, field: path.description, message: message.en, vi: message.vi)
    }
    guard depth <= depthLimit else {
      throw refuse(Wording("is nested more than \(depthLimit) levels deep", "lồng nhau quá \(depthLimit) tầng"))
    }
    guard node.anchor == nil else { throw refuse(anchors) }
    switch node {
    case .scalar(let scalar):
      return YAMLNode(try value(of: scalar, refuse: refuse), line: line, column: column)
    case .sequence(let sequence):
      guard isUntagged(sequence.tag) else { throw refuse(tagMessage(sequence.tag)) }
      var items: [YAMLNode] = []
      for (index, item) in sequence.enumerated() {
        items.append(try convert(item, file: file, path: path.item(index), depth: depth + 1))
      }
      return YAMLNode(.list(items), line: line, column: column)
    case .mapping(let mapping):
      guard isUntagged(mapping.tag) else { throw refuse(tagMessage(mapping.tag)) }
      var entries: [YAMLEntry] = []
      var lines: [String: Int] = [:]
      for (key, item) in mapping {
        guard case .scalar(let name) = key else {
          throw refuse(
            Wording(
              "has a name that is itself a list or a mapping; names are text",
              "có tên là một danh sách hoặc nhóm mục; tên phải là chữ"))
        }
        guard name.anchor == nil else { throw refuse(anchors) }
        let place = name.mark ?? node.mark
        if let first = lines.updateValue(place?.line ?? 0, forKey: name.string) {
          throw duplicate(name.string, file: file, path: path, line: place?.line, column: place?.column, first: first)
        }
        entries.append(
          YAMLEntry(
            name: name.string, line: place?.line ?? line, column: place?.column ?? column,
            value: try convert(item, file: file, path: path.field(name.string), depth: depth + 1)))
      }
      return YAMLNode(.mapping(entries), line: line, column: column)
    case .alias:
      throw refuse(anchors)
    }
  }

  private static func value(
    of scalar: Node.Scalar, refuse: (Wording) -> Diagnostic
  ) throws(Diagnostic) -> YAMLNode.Value {
    if scalar.tag.description == "tag:yaml.org,2002:str" { return .text(scalar.string) }
    guard isUntagged(scalar.tag) else { throw refuse(tagMessage(scalar.tag)) }
    return scalar.style == .plain ? PlainScalar.value(of: scalar.string) : .text(scalar.string)
  }

  private static func isUntagged(_ tag: Tag) -> Bool {
    [Tag.Name.implicit.rawValue, "!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"].contains(tag.description)
  }

  private static func tagMessage(_ tag: Tag) -> Wording {
    Wording(
      "the tag \(tag.description) is not read here; leave it out",
      "ở đây không dùng thẻ \(tag.description); hãy bỏ đi")
  }

  private static func duplicate(
    _ name: String, file: String, path: FieldPath, line: Int?, column: Int?, first: Int?
  ) -> Diagnostic {
    Diagnostic(
      file: file, line: line ?? 0, column: column ?? 0, field: path.field(name).description,
      message: "stands twice\(first.map { " (first on line \($0))" } ?? " in one mapping"); keep one of them",
      vi: "có hai lần\(first.map { " (lần đầu ở dòng \($0))" } ?? ""); hãy giữ lại một")
  }

  private static func diagnostic(for error: YamlError, file: String) -> Diagnostic {
    func place(_ mark: Mark, _ context: YamlError.Context?, _ problem: String) -> Diagnostic {
      let background = context.map { " (\($0.text), which began on line \($0.mark.line))" } ?? ""
      let beginning = context.map { " (bắt đầu từ dòng \($0.mark.line))" } ?? ""
      return Diagnostic(
        file: file, line: mark.line, column: mark.column, field: "",
        message: "is not YAML here: \(problem)\(background)",
        vi: "chỗ này không đúng YAML: \(YAMLProblem.vietnamese(problem))\(beginning)")
    }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
      return place(mark, context, problem)
    case .composer(let context, let problem, let mark, _):
      if problem == "found undefined alias" {
        return Diagnostic(
          file: file, line: mark.line, column: mark.column, field: "", message: anchors.en, vi: anchors.vi)
      }
      return place(mark, context, problem)
    case .duplicatedKeysInMapping(let names, let context):
      return duplicate(
        names.first ?? "", file: file, path: FieldPath(), line: context.mark.line, column: context.mark.column,
        first: nil)
    case .reader(let problem, let offset, _, let text):
      let before = text.prefix(offset ?? 0)
      let line = 1 + before.count { $0.isNewline }
      let column = 1 + before.reversed().prefix { !$0.isNewline }.count
      return Diagnostic(
        file: file, line: offset == nil ? 0 : line, column: offset == nil ? 0 : column, field: "",
        message: "is not YAML here: \(problem)",
        vi: "chỗ này không đúng YAML: \(YAMLProblem.vietnamese(problem))")
    default:
      return Diagnostic(
        file: file, line: 0, column: 0, field: "", message: "is not YAML: \(error)", vi: "không phải YAML: \(error)")
    }
  }
}
