package import AlertRules
package import HealthRecords
package import Observations
package import Store

/// One destination as `vitalsd.yaml` describes it, with its credential already turned into a file's path.
package struct DestinationSettings: Hashable, Sendable {
  /// `name`.
  package var id: DestinationID
  /// `kind`: the name of one of ``ForwarderKinds/all``.
  package var kind: String
  /// `url`: `https`, or `http` to this machine or, with ``allowsPrivate``, to the local net.
  package var url: String
  /// `url-file` or `url-credential` (webhook): a file that holds the address, where the address is itself a secret; goes
  /// before ``url``. Read at each attempt.
  package var urlFile: String?
  /// `simulated`: whether played readings may go there.
  package var takesSimulated = false
  /// `only`: whose readings, which, and from when.
  package var only = DestinationFilter()
  /// `retry`; nil: the kind's own.
  package var retry: RetryPolicy?
  /// `secret-file` or `credential`: what ``proof`` says (fhir), or one `whsec_` secret a line (webhook). Read at each
  /// attempt, so that it can be changed without a restart.
  package var secretFile: String?
  /// `token` (webhook): a header that the service wants, with a file that holds its value. Read at each attempt.
  package var token: TokenHeader?
  /// `success` (webhook): what the answer has to say beside its status; nil: a service that says it by the status alone.
  package var success: AnswerField?
  /// `values` (webhook): whether measured values go along. A person's name never does.
  package var sendsValues = false
  /// What the text of an alert is made with: the language of the contact whose the destination is, the household's time
  /// zone, the number to call; nil: no text goes along.
  package var text: AlertTextContext?
  /// `readings` (webhook): whether each reading is told, and not only alerts.
  package var sendsReadings = false
  /// Whose answer it is when an alert told there is answered from outside; nil: nobody's in particular, and nothing is
  /// offered.
  package var answerer: ContactID?
  /// `allow-private`: whether the address may be of a local net or of this machine.
  package var allowsPrivate = false
  /// `patient-system` and further names (fhir).
  package var naming = FHIRNaming()
  /// What an `hl7v2` destination has of its own.
  package var hl7v2 = HL7v2Settings()
  /// `time-limit`: how long one request may take, from the connection to the last byte; nil: the kind's own.
  package var timeLimit: Duration?
  /// `ca-file`: the authority's certificates (PEM) that this destination's is held against, in place of the system's.
  /// Read at each attempt.
  package var authorityFile: String?
  /// `client-certificate`: our own certificate and those that signed it (PEM), for a server that asks for one. Read at each
  /// attempt.
  package var clientCertificateFile: String?
  /// `client-key`: its private key (PEM); nil: it stands in the same file.
  package var clientKeyFile: String?
  /// `auth` (fhir): what ``secretFile`` holds and how it is used.
  package var proof = DestinationProof.bearer
  /// `patient` (fhir): how a reading says whose it is.
  package var patientNaming = FHIRAddressing.Naming.create
  /// `create` (fhir): by what a repeated upload adds nothing; nil: what the server's CapabilityStatement offers.
  package var creation: FHIRAddressing.Creation?
  /// `pace`: how fast readings leave.
  package var pace = DeliveryPace.Limits()
  /// `template` (webhook): a Mustache file that makes the body.
  package var templateFile: String?
  /// What it says, as it was read with the configuration; nil: it is read when the destination is first used.
  package var templateText: String?
  /// `content-type` (webhook): what the body of the template is; nil: `application/json`.
  package var contentType: String?

  package init(id: DestinationID, kind: String, url: String) {
    self.id = id
    self.kind = kind
    self.url = url
  }

  /// Where it leads, as its file says it now where it has one.
  ///
  /// - Throws: what is wrong with the address, which is in no error; that of its file.
  func address() throws(DestinationFault) -> DestinationURL {
    guard let urlFile else { return try DestinationURL(url, allowsPrivate: allowsPrivate) }
    guard let line = try? SecretFile(path: urlFile).lines().first else { throw .addressUnreadable(path: urlFile) }
    return try DestinationURL(line.text, allowsPrivate: allowsPrivate)
  }

  /// What is wrong with an address that stands in a file, for `vitals check`; nil: nothing.
  package static func fault(ofURLFile path: String, allowsPrivate: Bool) -> DestinationFault? {
    guard let line = try? SecretFile(path: path).lines().first else { return .addressUnreadable(path: path) }
    return fault(ofURL: line.text, allowsPrivate: allowsPrivate)
  }

  /// What is wrong with an address, for `vitals check`; nil: nothing.
  package static func fault(ofURL url: String, allowsPrivate: Bool) -> DestinationFault? {
    do {
      if url.lowercased().hasPrefix("mllp") {
        _ = try MLLPAddress(url, allowsPrivate: allowsPrivate)
      } else {
        _ = try DestinationURL(url, allowsPrivate: allowsPrivate)
      }
      return nil
    } catch {
      return error
    }
  }

  static let json = "application/json"

  /// Whether a content type is JSON (RFC 6839: by its name or its suffix), so that a template's values are escaped for it.
  package static func isJSON(_ contentType: String?) -> Bool {
    let type = (contentType ?? json).prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    return type.hasSuffix("/json") || type.hasSuffix("+json")
  }

  var makesJSON: Bool { Self.isJSON(contentType) }

  /// What is wrong with it by the disk as it is now, secrets included: what it would say when it is first used. Nil: nothing.
  package func fault() -> DestinationFault? {
    do throws(DestinationFault) {
      switch kind {
      case FHIRForwarder.kind.name: try FHIRForwarder.check(self)
      case HL7v2Forwarder.kind.name: _ = try HL7v2Forwarder.peer(self)
      default: _ = try WebhookForwarder.check(self)
      }
      return nil
    } catch {
      return error
    }
  }

  /// What the store makes outbox rows of.
  ///
  /// - Throws: ``DestinationFault/unknownKind(_:known:)``.
  package func policy() throws(DestinationFault) -> DestinationPolicy {
    let kind = try ForwarderKinds.named(kind)
    return DestinationPolicy(
      id: id, takesObservations: kind.takesObservations || sendsReadings, takesAlerts: kind.takesAlerts,
      takesSimulated: takesSimulated, only: only,
      takesAverages: kind.takesAverages)
  }
}

/// Why a destination can't be set up. Said by `vitals check`, with the field.
package enum DestinationFault: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownKind(String, known: [String])
  case badURL(AddressFault)
  case plainHTTP(host: String)
  case plainMLLP(host: String)
  case addressUnreadable(path: String)
  case secretMissing(kind: String)
  case secretUnreadable(path: String)
  case secretMalformed(path: String, line: Int)
  case authorityUnreadable(path: String)
  case certificateUnreadable(path: String)
  case certificateKeyUnreadable(path: String)
  case passwordMalformed(path: String)
  case clientKeyMalformed(path: String, reason: String)
  case templateUnreadable(path: String)
  case templateWrong(path: String, TemplateFault)

  /// The key of the configuration that is wrong.
  package var field: String {
    switch self {
    case .unknownKind: "kind"
    case .badURL, .plainHTTP, .plainMLLP: "url"
    case .addressUnreadable: "url-file"
    case .secretMissing, .secretUnreadable, .secretMalformed: "secret-file"
    case .passwordMalformed, .clientKeyMalformed: "secret-file"
    case .authorityUnreadable: "ca-file"
    case .certificateUnreadable: "client-certificate"
    case .certificateKeyUnreadable: "client-key"
    case .templateUnreadable, .templateWrong: "template"
    }
  }

  package var description: String {
    switch self {
    case .unknownKind(let name, let known):
      "there is no kind of destination named \(name); known are \(known.joined(separator: ", "))"
    case .badURL(let fault): "the address can't be used: \(fault.en)"
    case .addressUnreadable(let path):
      "the address's file \(path) can't be read, or has no line in it; check that it exists and whose it is"
    case .plainHTTP(let host):
      "readings would go to \(host) unencrypted; use https, or allow-private: true if it is in your own net"
    case .plainMLLP(let host):
      "readings would go to \(host) unencrypted; use mllps, or allow-private: true if it is in your own net"
    case .secretMissing(let kind): "a \(kind) destination needs a secret; name its file by secret-file or credential"
    case .secretUnreadable(let path): "the secret's file \(path) can't be read; check that it exists and whose it is"
    case .secretMalformed(let path, let line):
      "line \(line) of \(path) is no webhook secret; expected whsec_ and 24 to 64 bytes in base64"
    case .authorityUnreadable(let path):
      "the authority's file \(path) can't be read; expected one or more certificates in PEM"
    case .certificateUnreadable(let path):
      "our certificate \(path) can't be read; expected one or more certificates in PEM, ours first"
    case .certificateKeyUnreadable(let path):
      "the key of our certificate \(path) can't be read; expected a private key in PEM without a passphrase"
    case .passwordMalformed(let path): "the first line of \(path) is no user and password; expected user:password"
    case .clientKeyMalformed(let path, let reason):
      "\(path) holds no key to sign with: \(reason); expected an RSA key of 2048 bits or more or a P-384 key, in PEM or "
        + "as JWK"
    case .templateUnreadable(let path): "the template \(path) can't be read; check that it exists and whose it is"
    case .templateWrong(let path, let fault): "\(path):\(fault)"
    }
  }

  /// What is wrong with an address, in Vietnamese; of the rest, which `vitals check` does not say by it, the description.
  package var vietnamese: String {
    switch self {
    case .badURL(let fault): "không dùng được địa chỉ này: \(fault.vi)"
    case .addressUnreadable(let path):
      "tệp địa chỉ \(path) không đọc được, hoặc không có dòng nào; hãy xem tệp có tồn tại không và thuộc về ai"
    case .plainHTTP(let host):
      "kết quả đo sẽ được gửi đến \(host) mà không mã hóa; hãy dùng https, hoặc allow-private: true nếu ở trong mạng nhà"
    case .plainMLLP(let host):
      "kết quả đo sẽ được gửi đến \(host) mà không mã hóa; hãy dùng mllps, hoặc allow-private: true nếu ở trong mạng nhà"
    default: description
    }
  }
}
