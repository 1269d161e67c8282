/// Why a message for an Omron cuff cannot be written. Carries no key and no measurement.
package enum OmronEncodingFailure: Error, Hashable, Sendable {
  /// `field` would take more octets than there is room for.
  case tooLong(field: String, octets: Int, limit: Int)
  /// `field` has another size than the only one allowed.
  case wrongSize(field: String, octets: Int, need: Int)
  /// The date has a part that the cuff's clock cannot show.
  case notADate(field: String)
}

extension OmronEncodingFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong(let field, let octets, let limit):
      "\(field): \(octets) octets are too many: at most \(limit) fit."
    case .wrongSize(let field, let octets, let need):
      "\(field): \(octets) octets, where there must be \(need)."
    case .notADate(let field):
      "\(field): not a part that the cuff's clock can show. It knows whole dates of 2000–2255."
    }
  }
}
