/// Why an address is none that anything is sent to.
package enum AddressFault: Hashable, Sendable {
  case notURL
  case notMLLP
  case scheme(String, expected: String)
  case noHost
  case noPort
  case secretInside
  case fragment
  case moreThanHostAndPort

  /// After "the address can't be used: ".
  var en: String {
    switch self {
    case .notURL: "it is no URL"
    case .notMLLP: "it is no mllps://host:port"
    case .scheme(let scheme, let expected): "it begins with \(scheme): and not with \(expected):"
    case .noHost: "it names no host"
    case .noPort: "it names no port"
    case .secretInside: "it holds a user or a password; put the secret into a file and name it by secret-file"
    case .fragment: "it holds a #"
    case .moreThanHostAndPort: "it holds more than a host and a port"
    }
  }

  /// The same in Vietnamese.
  var vi: String {
    switch self {
    case .notURL: "không phải URL"
    case .notMLLP: "không có dạng mllps://host:port"
    case .scheme(let scheme, let expected): "bắt đầu bằng \(scheme): chứ không phải \(expected):"
    case .noHost: "thiếu tên máy chủ"
    case .noPort: "thiếu số cổng"
    case .secretInside: "có tên người dùng hoặc mật khẩu; hãy ghi bí mật vào một tệp và nêu tệp đó bằng secret-file"
    case .fragment: "có dấu #"
    case .moreThanHostAndPort: "có nhiều hơn tên máy chủ và số cổng"
    }
  }
}
