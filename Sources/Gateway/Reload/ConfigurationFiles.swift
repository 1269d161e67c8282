import Devices
import Foundation
import YAMLDocuments

/// The files that a configuration is made of, as read at one moment: what is checked is what is used, whatever is written
/// to the disk meanwhile. Files with secrets are not among them: they are named, and read when they are needed.
package struct ConfigurationFiles: Hashable, Sendable, Codable {
  package struct File: Hashable, Sendable, Codable {
    /// Absolute.
    package var path: String
    package var text: String
  }

  /// `vitalsd.yaml`.
  package var configuration: File
  /// Nil: the rules that come with the program.
  package var rules: [File]?
  /// Templates of webhooks.
  package var templates: [File]
  /// Each `profile.yaml`, in the order of its directories.
  package var profiles: [File]

  /// Reads what `configuration`, which was made of `file`, names.
  ///
  /// - Returns: the files, and what could not be read of them. A template that cannot be read is left out: who looks for it
  ///   says so with its place.
  static func read(
    _ file: File, naming configuration: Configuration
  ) -> (files: ConfigurationFiles, faults: [Diagnostic]) {
    var files = ConfigurationFiles(configuration: file, rules: nil, templates: [], profiles: [])
    var faults: [Diagnostic] = []
    if let directory = configuration.rulesDirectory {
      do throws(Diagnostic) {
        var rules: [File] = []
        for url in try RuleFiles.files(in: directory) {
          do throws(Diagnostic) { rules.append(try read(url)) } catch { faults.append(error) }
        }
        files.rules = rules
      } catch {
        faults.append(error)
      }
    }
    for path in Set(configuration.destinations.compactMap(\.template?.file)).sorted() {
      do throws(Diagnostic) { files.templates.append(try read(URL(filePath: path))) } catch {}
    }
    for directory in configuration.profileDirectories {
      do throws(Diagnostic) {
        for url in try ProfileLibrary.files(in: URL(filePath: directory)) {
          do throws(Diagnostic) { files.profiles.append(try read(url)) } catch { faults.append(error) }
        }
      } catch {
        faults.append(error)
      }
    }
    return (files, faults)
  }

  /// - Throws: that it cannot be read, or is no text.
  static func read(_ url: URL) throws(Diagnostic) -> File {
    let path = url.path(percentEncoded: false)
    guard let data = FileManager.default.contents(atPath: path) else {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw Diagnostic(
        file: path, line: 0, column: 0, field: "",
        message: isThere ? "cannot be read; expected a file that the service may read" : "there is no such file",
        vi: isThere ? "không đọc được; cần một tệp mà dịch vụ được phép đọc" : "không có tệp này")
    }
    guard let text = String(bytes: data, encoding: .utf8) else {
      throw Diagnostic(
        file: path, line: 0, column: 0, field: "", message: "is no text in UTF-8", vi: "không phải văn bản UTF-8")
    }
    return File(path: path, text: text)
  }
}
