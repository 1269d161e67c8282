internal import Glibc

/// A fault of the running kernel that touches the gateway, and that only another kernel mends.
///
/// In Debian's 6.1.192-1, -2 and -3 an L2CAP socket that is still open when its link ends keeps a structure alive that the
/// link's own clearing up frees; closing the socket frees it again (`l2cap_conn_free`, `hci_chan_del`). Up to Debian's
/// 6.1.190-1 the link's end freed it once. The listed builds were looked at one by one; of later ones nothing is known.
package enum KernelFault: Hashable, Sendable, CustomStringConvertible {
  /// Closing an ATT socket after its link has ended is a kernel BUG. `build` is Debian's version of the package.
  case closingAfterTheLink(build: String)

  private static let builds: Set<String> = ["6.1.192-1", "6.1.192-2", "6.1.192-3"]

  /// Of the kernel that runs; nil where none is known.
  package static var ofThisKernel: KernelFault? {
    var name = utsname()
    guard uname(&name) == 0 else { return nil }
    let version = withUnsafeBytes(of: name.version) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return KernelFault(version: version)
  }

  /// - Parameter version: what `uname -v` prints. Debian names its package version there.
  init?(version: String) {
    let words = version.split(separator: " ")
    guard let place = words.firstIndex(of: "Debian"), place + 1 < words.endIndex else { return nil }
    let build = String(words[place + 1])
    guard Self.builds.contains(build) else { return nil }
    self = .closingAfterTheLink(build: build)
  }

  package var description: String {
    switch self {
    case .closingAfterTheLink(let build):
      "the kernel (Debian \(build)) has a fault: a device that ends its link by itself causes a \"kernel BUG\" in "
        + "its log. Readings are not lost by it; install another kernel, such as linux-image-6.12-amd64, and restart"
    }
  }
}
