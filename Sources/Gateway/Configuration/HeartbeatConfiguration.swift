import Forwarding
import Glibc
import YAMLDocuments

/// `heartbeat` of `vitalsd.yaml`: the sign of life for a monitor outside.
enum HeartbeatConfiguration {
  /// What the schema cannot say of it.
  static func faults(of document: YAMLDocument) -> [Diagnostic] {
    guard let node = document.root["heartbeat"] else { return [] }
    let path = FieldPath("heartbeat")
    var found: [Diagnostic] = []
    let given = ["url", "url-file", "url-credential"].filter { node[$0] != nil }
    if given.isEmpty {
      found.append(
        document.diagnostic(
          at: node, path.field("url-file"),
          "expected url-file, url-credential or url: the address that the monitor gave, which is a secret",
          vi: "cần url-file, url-credential hoặc url: địa chỉ mà dịch vụ theo dõi đã cho, phải giữ bí mật"))
    } else if given.count > 1 {
      found.append(
        document.diagnostic(
          at: node[given[1]] ?? node, path.field(given[1]), "expected only one of \(given.joined(separator: " and "))",
          vi: "chỉ dùng một trong \(given.joined(separator: " và "))"))
    }
    let allowsPrivate = node["allow-private"]?.boolean ?? false
    if let url = node["url"], let text = url.text,
      let fault = DestinationSettings.fault(ofURL: text, allowsPrivate: allowsPrivate)
    {
      found.append(
        document.diagnostic(
          at: url, path.field("url"), "\(fault); expected an address like https://hc-ping.com/…",
          vi: "\(fault.vietnamese); cần một địa chỉ như https://hc-ping.com/…"))
    }
    if let every = node["every"], let span = every.text.flatMap(TimeSpan.duration),
      !(Duration.seconds(1)...Duration.seconds(86_400)).contains(span)
    {
      found.append(document.diagnostic(at: every, path.field("every"), "expected 1s to 24h", vi: "cần từ 1s đến 24h"))
    }
    return found
  }

  /// Files that are named and not there, and an address in one that can't be used. No reason not to start.
  static func missingFiles(of document: YAMLDocument) -> [Diagnostic] {
    guard let node = document.root["heartbeat"] else { return [] }
    let path = FieldPath("heartbeat")
    let missing = [
      ("url-file", FileRemedy.monitorAddress), ("ca-file", .authority),
    ].compactMap { field, remedy -> Diagnostic? in
      guard let entry = node[field], let name = entry.text, ConfigurationFile.isMissing(name, beside: document.file)
      else { return nil }
      return remedy.missing(name, at: entry, path.field(field), in: document)
    }
    return missing + ConfigurationFile.addressFileFaults(of: node, path, in: document)
  }

  /// What may be meant and is not wise. No reason not to start.
  static func hints(in document: YAMLDocument) -> [Diagnostic] {
    // One that cannot be used is said to be wrong already.
    guard let node = document.root["heartbeat"], let url = node["url"], let text = url.text,
      DestinationSettings.fault(ofURL: text, allowsPrivate: node["allow-private"]?.boolean ?? false) == nil
    else { return [] }
    return [
      document.diagnostic(
        at: url, FieldPath("heartbeat").field("url"),
        "whoever reads this file can stop the monitor from noticing; put the address into a file and name it by url-file "
          + "or url-credential",
        vi:
          "ai đọc được tệp này có thể làm dịch vụ theo dõi không nhận ra sự cố; hãy ghi địa chỉ vào một tệp và nêu bằng "
          + "url-file hoặc url-credential")
    ]
  }

  static func heartbeat(of root: YAMLNode, absolute: (String) -> String) -> HeartbeatSettings? {
    guard let node = root["heartbeat"] else { return nil }
    var settings = HeartbeatSettings(
      url: node["url"]?.text,
      urlFile: node["url-file"]?.text.map(absolute) ?? node["url-credential"]?.text.map(SystemdCredential.path(named:)),
      allowsPrivate: node["allow-private"]?.boolean ?? false, authorityFile: node["ca-file"]?.text.map(absolute))
    if let kind = node["kind"]?.text.flatMap(HeartbeatSettings.Kind.init) { settings.kind = kind }
    if let every = node["every"]?.text.flatMap(TimeSpan.duration) { settings.every = every }
    return settings
  }
}
