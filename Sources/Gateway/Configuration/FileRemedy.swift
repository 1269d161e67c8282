import YAMLDocuments

/// What to put into a file that a configuration names and that is not there.
enum FileRemedy {
  case secret, accessToken, address, monitorAddress, authority, certificate, certificateKey, template

  private var words: (en: String, vi: String) {
    switch self {
    case .secret:
      ("put the secret into it, readable by the service only", "hãy ghi khóa bí mật vào đó, chỉ dịch vụ được đọc")
    case .accessToken:
      ("put the access token into it, readable by the service only", "hãy ghi mã truy cập vào đó, chỉ dịch vụ được đọc")
    case .address:
      ("put the address into it, readable by the service only", "hãy ghi địa chỉ vào đó, chỉ dịch vụ được đọc")
    case .monitorAddress:
      (
        "put the monitor's address into it, readable by the service only",
        "hãy ghi địa chỉ của dịch vụ theo dõi vào đó, chỉ dịch vụ được đọc"
      )
    case .authority:
      ("put the authority's certificates into it, in PEM", "hãy ghi chứng chỉ của nơi cấp vào đó, dạng PEM")
    case .certificate:
      ("put this gateway's certificate into it, in PEM", "hãy ghi chứng chỉ của cổng này vào đó, dạng PEM")
    case .certificateKey:
      (
        "put the certificate's private key into it, in PEM, readable by the service only",
        "hãy ghi khóa riêng của chứng chỉ vào đó, dạng PEM, chỉ dịch vụ được đọc"
      )
    case .template: ("put the template into it", "hãy ghi mẫu tin vào đó")
    }
  }

  /// That the file `path`, named at `node`, is not there.
  func missing(_ path: String, at node: YAMLNode, _ field: FieldPath, in document: YAMLDocument) -> Diagnostic {
    document.diagnostic(
      at: node, field, "there is no file '\(path)'; \(words.en)", vi: "không có tệp '\(path)'; \(words.vi)")
  }
}
