/// A number that Vietnam gives a person or a facility, checked by its shape and by nothing else.
///
/// Which kind a number is, somebody says: twelve digits are not guessed to be anything, and nothing (sex, year of birth,
/// province) is read out of one. No check digit of any of them is public.
package struct NationalIdentifier: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Số định danh cá nhân, on the CCCD: 12 digits (NĐ 137/2015, Điều 13; TT 07/2016/TT-BCA).
    case citizen = "cccd"
    /// Mã định danh y tế: the ten digits of the social insurance number, a point, and a string for validation whose making
    /// is not public (QĐ 4376/QĐ-BYT, 24/9/2019).
    case health = "health-id"
    /// Thẻ BHYT of before 1/4/2021: two letters and 13 digits.
    case insuranceCard = "bhyt-15"
    /// Thẻ BHYT since 1/4/2021: the ten digits of the social insurance number. Both kinds and the CCCD are in use side by
    /// side since NĐ 188/2025.
    case insuranceNumber = "bhyt-10"
    /// Mã cơ sở khám bệnh, chữa bệnh, commune stations too: five characters (QĐ 4210, MA_DKBD).
    case facility
  }

  /// Why a text is none. It does not hold the text.
  package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
    case length(Kind, is: Int)
    /// A character that has no place there; its place, from 1.
    case character(Kind, at: Int)

    package var description: String {
      switch self {
      case .length(let kind, let count): "\(count) characters; expected \(kind.shape)"
      case .character(let kind, let place): "character \(place) has no place in it; expected \(kind.shape)"
      }
    }
  }

  package let kind: Kind
  package let value: String

  /// - Parameter value: as it stands on the card, without spaces about it or in it. Letters of a card are capitals.
  /// - Throws: ``Fault``.
  package init(_ kind: Kind, _ value: String) throws(Fault) {
    let characters = Array(value)
    guard kind.lengths.contains(characters.count) else { throw .length(kind, is: characters.count) }
    for (index, character) in characters.enumerated() where !kind.takes(character, at: index) {
      throw .character(kind, at: index + 1)
    }
    self.kind = kind
    self.value = value
  }
}

extension NationalIdentifier.Kind {
  /// What it looks like, in words.
  package var shape: String {
    switch self {
    case .citizen: "12 digits"
    case .health: "10 digits, a point, and 1 to 20 letters or digits"
    case .insuranceCard: "2 capitals and 13 digits"
    case .insuranceNumber: "10 digits"
    case .facility: "5 capitals or digits"
    }
  }

  fileprivate var lengths: ClosedRange<Int> {
    switch self {
    case .citizen: 12...12
    case .health: 12...31
    case .insuranceCard: 15...15
    case .insuranceNumber: 10...10
    case .facility: 5...5
    }
  }

  fileprivate func takes(_ character: Character, at index: Int) -> Bool {
    // Only ASCII: other scripts have digits too, and no receiver takes them for these. An accent on a digit counts as
    // another character, and would lie within the range.
    guard character.isASCII else { return false }
    let isDigit = ("0"..."9").contains(character)
    let isCapital = ("A"..."Z").contains(character)
    switch self {
    case .citizen, .insuranceNumber: return isDigit
    case .insuranceCard: return index < 2 ? isCapital : isDigit
    case .facility: return isDigit || isCapital
    case .health:
      if index == 10 { return character == "." }
      return isDigit || (index > 10 && (isCapital || ("a"..."z").contains(character)))
    }
  }
}
