import Forwarding
import Foundation
import Glibc
import Observations
package import YAMLDocuments

/// Reads `vitalsd.yaml`.
package enum ConfigurationFile {
  static func schema() throws(Diagnostic) -> JSONSchema {
    try JSONSchema(
      bytes: PackageResources.configuration_schema_json, name: "configuration.schema.json",
      vietnamese: SchemaDescriptions.vietnamese)
  }

  /// - Throws: ``ConfigurationFailure/invalid(_:)`` with everything that is wrong.
  package static func load(path: String) throws(ConfigurationFailure) -> Configuration {
    let document: YAMLDocument
    do {
      document = try YAMLDocument(contentsOf: URL(filePath: path), file: path)
    } catch {
      throw .invalid([error])
    }
    return try load(document)
  }

  /// - Throws: as ``load(path:)``.
  static func load(_ document: YAMLDocument) throws(ConfigurationFailure) -> Configuration {
    let found = diagnostics(of: document)
    guard found.isEmpty else { throw .invalid(found) }
    return configuration(from: document, directory: URL(filePath: document.file).deletingLastPathComponent())
  }

  /// Everything that is wrong with a configuration: what the schema forbids, and what it cannot say.
  package static func diagnostics(of document: YAMLDocument) -> [Diagnostic] {
    let schema: JSONSchema
    do { schema = try Self.schema() } catch { return [error] }
    var found = schema.validate(document)
    guard found.isEmpty else { return found }
    let root = document.root
    found += zoneFaults(of: root["timezone"], FieldPath("timezone"), in: document)
    found += antFaults(of: document) + ContactsConfiguration.faults(of: document)
    found += AnswersConfiguration.faults(of: document) + RecordConfiguration.faults(of: document)
    found += HeartbeatConfiguration.faults(of: document) + AccessConfiguration.faults(of: document)
    var names: [String: Int] = [:]
    for (index, node) in (root["destinations"]?.items ?? []).enumerated() {
      let path = FieldPath("destinations").item(index)
      if let name = node["name"], let text = name.text {
        if let first = names.updateValue(name.line, forKey: text) {
          found.append(
            document.diagnostic(
              at: name, path.field("name"), "'\(text)' is taken by the destination on line \(first); names are unique",
              vi: "'\(text)' đã là tên của nơi nhận ở dòng \(first); mỗi tên chỉ dùng một lần"))
        }
      }
      if let url = node["url"], let text = url.text,
        let fault = DestinationSettings.fault(
          ofURL: text, allowsPrivate: node["allow-private"]?.boolean ?? false)
      {
        let form = node["kind"]?.text == "hl7v2" ? "mllps://host:port" : "https://host/path"
        found.append(
          document.diagnostic(
            at: url, path.field("url"),
            "\(fault); expected an address like \(form)", vi: "\(fault.vietnamese); cần một địa chỉ như \(form)"))
      }
      found += FilterConfiguration.faults(of: node, path, in: document)
      if node["kind"]?.text == "webhook" { found += addressFaults(of: node, path, in: document) }
      if node["kind"]?.text == "fhir" {
        found += RecordAccess.faults(of: node, path, in: document)
      } else if node["kind"]?.text == "hl7v2" {
        found += HL7v2Configuration.faults(of: node, path, in: document)
      } else {
        switch (node["secret-file"], node["credential"]) {
        // A service with a form of its own looks at no signature.
        case (nil, nil) where node["template"] != nil: break
        case (nil, nil):
          found.append(
            document.diagnostic(
              at: node, path.field("secret-file"),
              "expected secret-file or credential: a webhook is signed, and its secret never stands in this file",
              vi: "cần secret-file hoặc credential: webhook được ký, và khóa bí mật không bao giờ nằm trong tệp này"))
        case (.some(let secret), .some):
          found.append(
            document.diagnostic(
              at: secret, path.field("secret-file"), "expected only one of secret-file and credential",
              vi: "chỉ dùng một trong secret-file và credential"))
        default: break
        }
        if let type = node["content-type"], node["template"] == nil {
          found.append(
            document.diagnostic(
              at: type, path.field("content-type"), "expected a template beside it: the message itself is JSON",
              vi: "cần template đi kèm: bản thân tin là JSON"))
        }
      }
    }
    return found
  }

  /// An address stands in the file or in one of its own, and a token's value nowhere but in one.
  private static func addressFaults(of node: YAMLNode, _ path: FieldPath, in document: YAMLDocument) -> [Diagnostic] {
    var found: [Diagnostic] = []
    let given = ["url", "url-file", "url-credential"].filter { node[$0] != nil }
    if given.isEmpty {
      found.append(
        document.diagnostic(
          at: node, path.field("url"),
          "expected url, or url-file or url-credential for an address that is itself a secret",
          vi: "cần url, hoặc url-file hay url-credential nếu chính địa chỉ phải giữ bí mật"))
    } else if given.count > 1 {
      found.append(
        document.diagnostic(
          at: node[given[1]] ?? node, path.field(given[1]), "expected only one of \(given.joined(separator: " and "))",
          vi: "chỉ dùng một trong \(given.joined(separator: " và "))"))
    }
    if let token = node["token"], (token["file"] == nil) == (token["credential"] == nil) {
      found.append(
        document.diagnostic(
          at: token, path.field("token"), "expected either file or credential: what the header says is a secret",
          vi: "cần file hoặc credential: nội dung của tiêu đề phải giữ bí mật"))
    }
    return found
  }

  /// A name that the schema takes and that no zone has.
  static func zoneFaults(of node: YAMLNode?, _ path: FieldPath, in document: YAMLDocument) -> [Diagnostic] {
    guard let node, let name = node.text, TimeZone(identifier: name) == nil else { return [] }
    return [
      document.diagnostic(
        at: node, path, "there is no time zone '\(name)'; for example Asia/Ho_Chi_Minh",
        vi: "không có múi giờ '\(name)'; ví dụ Asia/Ho_Chi_Minh")
    ]
  }

  private static func antFaults(of document: YAMLDocument) -> [Diagnostic] {
    guard let ant = document.root["ant"] else { return [] }
    let path = FieldPath("ant")
    var found: [Diagnostic] = []
    if let file = ant["network-key-file"], ant["credential"] != nil {
      found.append(
        document.diagnostic(
          at: file, path.field("network-key-file"), "expected only one of network-key-file and credential",
          vi: "chỉ dùng một trong network-key-file và credential"))
    }
    var numbers: [Int: Int] = [:]
    for (index, strap) in (ant["straps"]?.items ?? []).enumerated() {
      guard let node = strap["number"], let number = node.integer,
        let first = numbers.updateValue(node.line, forKey: number)
      else { continue }
      found.append(
        document.diagnostic(
          at: node, path.field("straps").item(index).field("number"), "\(number) stands on line \(first) already",
          vi: "\(number) đã có ở dòng \(first)"))
    }
    return found
  }

  /// Files that a configuration names and that are not there, and templates that are wrong. Not wrong in the file itself,
  /// and no reason not to start: the destination says so in health, and is tried again.
  package static func missingFiles(of document: YAMLDocument) -> [Diagnostic] {
    let key: [Diagnostic]
    if let entry = document.root["ant"]?["network-key-file"], let path = entry.text,
      isMissing(path, beside: document.file)
    {
      key = [
        document.diagnostic(
          at: entry, FieldPath("ant").field("network-key-file"),
          "there is no file '\(path)'; put the key into it, readable by the service only",
          vi: "không có tệp '\(path)'; hãy ghi khóa vào đó, chỉ dịch vụ được đọc")
      ]
    } else {
      key = []
    }
    let reply = [
      ("token-file", FileRemedy.accessToken), ("ca-file", .authority),
    ].compactMap { field, remedy -> Diagnostic? in
      guard let entry = document.root["answers"]?["reply"]?[field], let path = entry.text,
        isMissing(path, beside: document.file)
      else { return nil }
      return remedy.missing(path, at: entry, FieldPath("answers").field("reply").field(field), in: document)
    }
    return key + reply + RecordConfiguration.missingFiles(of: document)
      + HeartbeatConfiguration.missingFiles(of: document)
      + (document.root["destinations"]?.items ?? []).enumerated().flatMap { index, node in
        [
          ("secret-file", FileRemedy.secret), ("token-file", .secret), ("client-certificate", .certificate),
          ("client-key", .certificateKey), ("url-file", .address), ("ca-file", .authority), ("template", .template),
        ].compactMap { field, remedy in
          guard let entry = node[field], let path = entry.text, isMissing(path, beside: document.file) else {
            return nil
          }
          return remedy.missing(path, at: entry, FieldPath("destinations").item(index).field(field), in: document)
        } + addressFileFaults(of: node, FieldPath("destinations").item(index), in: document)
          + templateFaults(of: node, beside: document.file)
      }
  }

  /// What a configuration says and what else in it keeps from being done. No reason not to start either: a switch is there
  /// to be turned.
  package static func contradictions(in document: YAMLDocument) -> [Diagnostic] {
    antContradictions(in: document) + AnswersConfiguration.hints(in: document)
      + HeartbeatConfiguration.hints(in: document) + AccessConfiguration.hints(in: document)
  }

  private static func antContradictions(in document: YAMLDocument) -> [Diagnostic] {
    guard let ant = document.root["ant"], let usb = document.root["usb"]?["enabled"], usb.boolean == false else {
      return []
    }
    return [
      document.diagnostic(
        at: ant, FieldPath("ant"),
        "no ANT stick is used while line \(usb.line) switches USB off; set usb: {enabled: true}, or leave ant out",
        vi: "không dùng được USB ANT khi dòng \(usb.line) tắt USB; hãy đặt usb: {enabled: true}, hoặc bỏ mục ant")
    ]
  }

  /// An address in a file of its own that can't be used. It is not shown.
  static func addressFileFaults(
    of node: YAMLNode, _ path: FieldPath, in document: YAMLDocument
  ) -> [Diagnostic] {
    guard let entry = node["url-file"], let name = entry.text else { return [] }
    let url = URL(filePath: name, relativeTo: URL(filePath: document.file).deletingLastPathComponent())
    let file = url.path(percentEncoded: false)
    // What is not there is said already; what is not ours to read is not wrong.
    guard access(file, R_OK) == 0,
      let fault = DestinationSettings.fault(
        ofURLFile: file, allowsPrivate: node["allow-private"]?.boolean ?? false)
    else { return [] }
    return [
      document.diagnostic(
        at: entry, path.field("url-file"), "'\(name)': \(fault); expected one line, an address like https://host/path",
        vi: "'\(name)': \(fault.vietnamese); cần một dòng, là địa chỉ như https://host/path")
    ]
  }

  private static func templateFaults(of node: YAMLNode, beside file: String) -> [Diagnostic] {
    guard let path = node["template"]?.text else { return [] }
    let url = URL(filePath: path, relativeTo: URL(filePath: file).deletingLastPathComponent())
    // What is not there, or not ours to read, is not wrong.
    guard let data = try? Data(contentsOf: url) else { return [] }
    return templateFaults(
      of: String(decoding: data, as: UTF8.self), file: url.path(percentEncoded: false),
      contentType: node["content-type"]?.text)
  }

  /// What is wrong with a body template.
  package static func templateFaults(of text: String, file: String, contentType: String?) -> [Diagnostic] {
    BodyTemplate.faults(of: text, isJSON: DestinationSettings.isJSON(contentType)).map {
      Diagnostic(file: file, line: $0.line, column: $0.column, field: "", message: $0.message)
    }
  }

  /// What may not be looked at is not known to be missing: `vitals check` runs as anybody.
  static func isMissing(_ path: String, beside file: String) -> Bool {
    let url = URL(filePath: path, relativeTo: URL(filePath: file).deletingLastPathComponent())
    return Glibc.access(url.path(percentEncoded: false), F_OK) != 0 && errno == ENOENT
  }

  private static func configuration(from document: YAMLDocument, directory: URL) -> Configuration {
    let root = document.root
    func absolute(_ path: String) -> String {
      path.hasPrefix("/") ? path : directory.appending(path: path).standardizedFileURL.path(percentEncoded: false)
    }
    let data = root["data"]?.text.map(absolute) ?? "/var/lib/vitals"
    let profiles = root["profiles"]?.items.compactMap(\.text).map(absolute) ?? InstalledProfiles.directories
    var configuration = Configuration(
      dataDirectory: data,
      socketPath: root["socket"]?.text.map(absolute) ?? "/run/vitals/vitals.sock",
      profileDirectories: profiles)
    configuration.rulesDirectory = root["rules"]?.text.map(absolute)
    if configuration.rulesDirectory == nil, FileManager.default.fileExists(atPath: "/etc/vitals/rules.d") {
      configuration.rulesDirectory = "/etc/vitals/rules.d"
    }
    if let zone = root["timezone"]?.text.flatMap(TimeZone.init(identifier:)) { configuration.timeZone = zone }
    if let trust = root["clock"]?["trust"]?.text.flatMap(BoxClock.Trust.init) { configuration.clockTrust = trust }
    if let enabled = root["bluetooth"]?["enabled"]?.boolean { configuration.isBluetoothEnabled = enabled }
    if let enabled = root["usb"]?["enabled"]?.boolean { configuration.isUSBEnabled = enabled }
    if let mode = root["simulation"]?["enabled"]?.text.flatMap(Configuration.Simulation.init) {
      configuration.simulation = mode
    }
    if let window = root["strap"]?["window"]?.integer { configuration.strapWindow = window }
    configuration.storageBudget = root["storage"]?["budget"]?.text.flatMap(DiskBudget.bytes)
    if let ant = root["ant"] {
      configuration.ant = Configuration.ANT(
        networkKeyFile: ant["network-key-file"]?.text.map(absolute)
          ?? ant["credential"]?.text.map(SystemdCredential.path(named:)),
        straps: (ant["straps"]?.items ?? []).compactMap { strap in
          strap["number"]?.integer.map { Configuration.ANT.Strap(number: $0, name: strap["name"]?.text) }
        })
    }
    configuration.record = RecordConfiguration.record(of: root, absolute: absolute)
    configuration.access = AccessConfiguration.policy(of: root)
    configuration.emergencyNumber = root["emergency-number"]?.text
    configuration.escalation = ContactsConfiguration.plan(of: root, timeZone: configuration.timeZone)
    configuration.answers = AnswersConfiguration.answers(of: root, absolute: absolute)
    configuration.heartbeat = HeartbeatConfiguration.heartbeat(of: root, absolute: absolute)
    configuration.destinations = (root["destinations"]?.items ?? []).compactMap { node in
      let urlFile =
        node["url-file"]?.text.map(absolute) ?? node["url-credential"]?.text.map(SystemdCredential.path(named:))
      guard let name = node["name"]?.text,
        let url = node["url"]?.text.flatMap({ URL(string: $0) }) ?? urlFile.map({ URL(filePath: $0) })
      else { return nil }
      let kind: Configuration.Destination.Kind
      if node["kind"]?.text == "fhir" {
        kind = .fhir(
          patientSystem: node["patient-system"]?.text ?? Configuration.defaultPatientSystem,
          tokenFile: RecordAccess.secretFile(node, absolute: absolute),
          allowsPrivateAddress: node["allow-private"]?.boolean ?? false)
      } else if node["kind"]?.text == "hl7v2" {
        kind = .hl7v2(
          HL7v2Configuration.settings(of: node, absolute: absolute),
          allowsPrivateAddress: node["allow-private"]?.boolean ?? false)
      } else {
        kind = .webhook(
          secretFile: node["secret-file"]?.text.map(absolute)
            ?? (node["credential"]?.text ?? (node["template"] == nil ? name : nil)).map(SystemdCredential.path(named:)),
          allowsPrivateAddress: node["allow-private"]?.boolean ?? false,
          includesValues: node["values"]?.boolean ?? false,
          tellsReadings: node["readings"]?.boolean ?? false)
      }
      var destination = Configuration.Destination(
        id: DestinationID(rawValue: name), kind: kind, url: url, takesSimulated: node["simulated"]?.boolean ?? false,
        firstRetry: node["retry"]?["first"]?.text.flatMap(TimeSpan.duration),
        longestRetry: node["retry"]?["most"]?.text.flatMap(TimeSpan.duration))
      destination.only = FilterConfiguration.filter(of: node, timeZone: configuration.timeZone)
      destination.urlFile = urlFile
      if let token = node["token"], let header = token["header"]?.text,
        let file = token["file"]?.text.map(absolute)
          ?? token["credential"]?.text.map(SystemdCredential.path(named:))
      {
        destination.token = TokenHeader(name: header, file: file)
      }
      if let success = node["success"], let field = success["field"]?.text, let value = success["value"]?.integer {
        destination.success = AnswerField(name: field, value: value)
      }
      destination.timeLimit = node["time-limit"]?.text.flatMap(TimeSpan.duration)
      if node["kind"]?.text != "webhook" { destination.record = RecordAccess(node, absolute: absolute) }
      if node["kind"]?.text == "hl7v2" {
        destination.record.clientKeyFile = HL7v2Configuration.keyFile(node, absolute: absolute)
      }
      destination.authorityFile = node["ca-file"]?.text.map(absolute)
      destination.template = node["template"]?.text.map {
        Configuration.Destination.Template(file: absolute($0), contentType: node["content-type"]?.text)
      }
      return destination
    }
    return configuration
  }
}

/// Where systemd puts what `LoadCredential=` names (systemd.exec(5)): one directory, readable by the service only.
enum SystemdCredential {
  static func path(named name: String) -> String {
    let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] ?? "/run/credentials/vitalsd.service"
    // The unit loads the directory of secrets as one credential, so that each file's name gains its prefix.
    let prefixed = "\(directory)/destinations_\(name)"
    return FileManager.default.fileExists(atPath: prefixed) ? prefixed : "\(directory)/\(name)"
  }
}
