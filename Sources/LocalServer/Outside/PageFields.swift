import Hummingbird

/// The header fields of the page that have no name in the library.
enum PageFields {
  typealias Name = HTTPFields.Element.Name

  // Fetch Metadata Request Headers (W3C), 2.
  static let secFetchMode = named("Sec-Fetch-Mode")
  static let secFetchSite = named("Sec-Fetch-Site")
  static let secFetchUser = named("Sec-Fetch-User")

  static let contentSecurityPolicy = named("Content-Security-Policy")
  static let contentTypeOptions = named("X-Content-Type-Options")
  static let frameOptions = named("X-Frame-Options")
  static let referrerPolicy = named("Referrer-Policy")
  static let robots = named("X-Robots-Tag")

  private static func named(_ name: String) -> Name {
    guard let name = Name(name) else { preconditionFailure("\(name) is a field's name") }
    return name
  }
}
