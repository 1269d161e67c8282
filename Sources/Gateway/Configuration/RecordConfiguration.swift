import YAMLDocuments

/// Reads `record` of `vitalsd.yaml`: how the household's own record is answered.
enum RecordConfiguration {
  static func record(of root: YAMLNode, absolute: (String) -> String) -> Configuration.Record {
    var record = Configuration.Record()
    guard let node = root["record"] else { return record }
    record.port = node["port"]?.integer
    record.tokenFile =
      node["token-file"]?.text.map(absolute) ?? node["credential"]?.text.map(SystemdCredential.path(named:))
    if let system = node["patient-system"]?.text { record.patientSystem = system }
    return record
  }

  /// What the schema cannot say.
  static func faults(of document: YAMLDocument) -> [Diagnostic] {
    guard let record = document.root["record"] else { return [] }
    let path = FieldPath("record")
    if let file = record["token-file"], record["credential"] != nil {
      return [
        document.diagnostic(
          at: file, path.field("token-file"), "expected only one of token-file and credential",
          vi: "chỉ dùng một trong token-file và credential")
      ]
    }
    if let port = record["port"], record["token-file"] == nil, record["credential"] == nil {
      return [
        document.diagnostic(
          at: port, path.field("port"),
          "expected token-file or credential beside it: every program of this machine can reach the port",
          vi: "cần token-file hoặc credential đi kèm: mọi chương trình trên máy đều vào được cổng này")
      ]
    }
    return []
  }

  /// A file that is named and is not there: no reason not to start, since nobody is let in until it is.
  static func missingFiles(of document: YAMLDocument) -> [Diagnostic] {
    guard let entry = document.root["record"]?["token-file"], let path = entry.text,
      ConfigurationFile.isMissing(path, beside: document.file)
    else { return [] }
    return [
      document.diagnostic(
        at: entry, FieldPath("record").field("token-file"),
        "there is no file '\(path)'; put a token of at least 16 characters into it, readable by the service only",
        vi: "không có tệp '\(path)'; hãy ghi vào đó một mã ít nhất 16 ký tự, chỉ dịch vụ được đọc")
    ]
  }
}
