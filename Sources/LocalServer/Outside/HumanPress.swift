import Hummingbird

/// Whether a POST is of a person who pressed the page's button.
///
/// Three things are asked, each of which a program that means no harm does not do by itself:
/// - the body is the button's own field. HTML leaves it out when a script submits the form, and sends it for the button
///   that was pressed (HTML, *form submission*: the entry list has the submitter's entry only);
/// - a browser that says what a request is for (Fetch Metadata) says: a navigation, from this very page, by a person's
///   action (`Sec-Fetch-User: ?1`);
/// - an `Origin`, where there is one, is the one the page was opened by. A page elsewhere cannot press for its reader.
///
/// A program that is made to press can press; it holds the same link as a person then.
enum HumanPress {
  /// The button's name and value, as the form sends them.
  static let field = "know=yes"

  /// - Parameters:
  ///   - authority: the `Host` that was asked for, and those the page is known by outside.
  static func isOne(_ headers: HTTPFields, body: String, authorities: Set<String>) -> Bool {
    guard body == field else { return false }
    if let origin = headers[.origin] {
      guard let authority = origin.split(separator: "/", omittingEmptySubsequences: true).last,
        origin.contains("://"), authorities.contains(authority.lowercased())
      else { return false }
    }
    guard let mode = headers[PageFields.secFetchMode] else {
      // Sent with all the others or not at all; alone it is somebody's own making.
      return headers[PageFields.secFetchSite] == nil && headers[PageFields.secFetchUser] == nil
    }
    return mode == "navigate" && headers[PageFields.secFetchSite] == "same-origin"
      && headers[PageFields.secFetchUser] == "?1"
  }
}
