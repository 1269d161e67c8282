import DeviceSimulator
import Devices
import Foundation
package import YAMLDocuments

/// What `vitals check` finds in files and directories.
package struct FileCheck {
  /// How many files were looked at.
  package private(set) var files = 0
  package private(set) var diagnostics: [Diagnostic] = []

  package var isClean: Bool { diagnostics.isEmpty && files > 0 }

  /// By their standard paths: what is named twice is looked at once.
  private var seen: Set<String> = []
  /// Directories that a configuration names.
  private var named: [String] = []

  /// Checks each path: a file by what it is, a directory with everything below it; and the directories of rules and profiles
  /// that a configuration among them names.
  package static func check(paths: [String]) -> FileCheck {
    var check = FileCheck()
    for path in paths { check.look(at: path) }
    for path in check.named { check.look(at: path) }
    if check.files == 0, check.diagnostics.isEmpty {
      check.diagnostics.append(
        Diagnostic(
          file: paths.joined(separator: ", "), line: 0, column: 0, field: "",
          message: "holds no file that could be checked; expected *.yaml",
          vi: "không có tệp nào để kiểm tra; cần *.yaml"))
    }
    return check
  }

  private mutating func look(at path: String) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      diagnostics.append(
        Diagnostic(file: path, line: 0, column: 0, field: "", message: "there is no such file", vi: "không có tệp này"))
      return
    }
    guard isDirectory.boolValue else { return checkFiles([URL(filePath: path)]) }
    var found: [URL] = []
    let all = FileManager.default.enumerator(at: URL(filePath: path), includingPropertiesForKeys: nil)
    while let url = all?.nextObject() as? URL {
      if ["yaml", "yml"].contains(url.pathExtension) { found.append(url) }
    }
    checkFiles(found.sorted { $0.path < $1.path })
  }

  private mutating func checkFiles(_ urls: [URL]) {
    var rules: [YAMLDocument] = []
    for url in urls where seen.insert(url.standardizedFileURL.path(percentEncoded: false)).inserted {
      files += 1
      switch url.lastPathComponent {
      case let name where name.hasSuffix(".mustache"):
        // By itself it is taken for the usual kind; what its destination makes of it is looked at with the configuration.
        guard let data = try? Data(contentsOf: url) else {
          diagnostics.append(
            Diagnostic(
              file: url.path(percentEncoded: false), line: 0, column: 0, field: "", message: "can't be read",
              vi: "không đọc được"))
          continue
        }
        diagnostics += ConfigurationFile.templateFaults(
          of: String(decoding: data, as: UTF8.self), file: url.path(percentEncoded: false), contentType: nil)
      case "profile.yaml": diagnostics += ProfileCheck.check(file: url)
      case let name where name.hasPrefix("session"):
        do throws(SessionFileError) { _ = try SessionFile(contentsOf: url) } catch { diagnostics += error.diagnostics }
      case let name where name.hasPrefix("expected"):
        do throws(SessionFileError) { _ = try Expectation(contentsOf: url) } catch { diagnostics += error.diagnostics }
      default:
        do throws(Diagnostic) {
          let document = try YAMLDocument(contentsOf: url)
          if RuleScenario.describes(document) {
            do throws(ConfigurationFailure) { _ = try RuleScenario(document) } catch {
              diagnostics += error.diagnostics
            }
          } else if document.root["rules"]?.items.isEmpty == false {
            rules.append(document)
          } else {
            diagnostics += ConfigurationFile.diagnostics(of: document)
            diagnostics += ConfigurationFile.missingFiles(of: document)
            diagnostics += ConfigurationFile.contradictions(in: document)
            let directories =
              (document.root["profiles"]?.items.compactMap(\.text) ?? [])
              + [document.root["rules"]?.text].compactMap { $0 }
            named += directories.map {
              URL(filePath: $0, relativeTo: url.deletingLastPathComponent()).standardizedFileURL.path(
                percentEncoded: false)
            }
          }
        } catch {
          diagnostics.append(error)
        }
      }
    }
    diagnostics += RuleFiles.diagnostics(of: rules)
  }

  /// A line for each finding, then the count.
  package func text(isVietnamese: Bool = false) -> String {
    let count =
      isVietnamese
      ? "Đã kiểm tra \(files) tệp, có \(diagnostics.count) lỗi"
      : "\(files) \(files == 1 ? "file" : "files") checked, \(diagnostics.count) wrong"
    return (diagnostics.map { $0.sentence(isVietnamese: isVietnamese) } + [count]).joined(separator: "\n")
  }

  /// A JSON array of `{file, line, column, field, message}`.
  package var json: String {
    struct Line: Encodable {
      var file: String
      var line: Int
      var column: Int
      var field: String
      var message: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let lines = diagnostics.map {
      Line(file: $0.file, line: $0.line, column: $0.column, field: $0.field, message: $0.message)
    }
    return (try? encoder.encode(lines)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
  }
}
