/// What a receiver answers to a message: MSA, and ERR where it found something wrong (HL7 v2.6 §2.9, §2.14.8, §2.14.5).
///
/// Read from bytes that a stranger sent: any are taken or refused with a reason, and none is trusted to be complete.
package struct Acknowledgement: Hashable, Sendable {
  /// MSA-1 (table 0008).
  package enum Code: String, Hashable, Sendable, CaseIterable {
    /// Application accept, error, reject.
    case accepted = "AA"
    case error = "AE"
    case rejected = "AR"
    /// Commit accept, error, reject (enhanced mode): whether the message is kept safe, not what became of it.
    case committed = "CA"
    case commitError = "CE"
    case commitRejected = "CR"
  }

  /// One ERR, or one repetition of the ELD of versions before 2.5.
  package struct Fault: Hashable, Sendable {
    /// ERR-2 as `PID^1^3`; nil: not said.
    package var location: String?
    /// ERR-3, table 0357; nil: not said, or no number.
    package var code: Int?
    /// ERR-4, table 0516: `W`, `I`, `E`, `F`; nil: not said.
    package var severity: String?
    /// ERR-8, ERR-7 or the text of ERR-3. May hold what the message held.
    package var text: String?
  }

  package var code: Code
  /// MSA-2: MSH-10 of the message that is answered; empty: not said.
  package var controlID: String
  /// MSA-3. May hold what the message held.
  package var text: String?
  package var faults: [Fault]

  /// Why an answer is none.
  package enum Refusal: Error, Hashable, CustomStringConvertible {
    case noHeader
    case noAcknowledgement
    case unknownCode

    package var description: String {
      switch self {
      case .noHeader: "the answer does not begin with MSH"
      case .noAcknowledgement: "the answer has no MSA"
      case .unknownCode: "MSA-1 is none of AA, AE, AR, CA, CE and CR"
      }
    }
  }

  /// - Parameter bytes: the answer without what frames it. Segments may end with 0x0D, as the standard says, or with 0x0A.
  /// - Throws: ``Refusal``.
  package init(_ bytes: some Sequence<UInt8>) throws(Refusal) {
    // Codes and places are ASCII in every character set that MSH-18 may name but UTF-16 and UTF-32.
    let segments = String(decoding: Array(bytes), as: UTF8.self).unicodeScalars
      .split { $0 == "\r" || $0 == "\n" }.map(Array.init)
    guard let header = segments.first(where: { $0.starts(with: "MSH".unicodeScalars) }), header.count >= 4 else {
      throw .noHeader
    }
    let delimiters = Delimiters(header)
    func all(_ name: String) -> [[[UnicodeScalar]]] {
      segments.filter { $0.starts(with: name.unicodeScalars) }.map { delimiters.fields($0) }
        .filter { Self.text($0.first) == name }
    }
    guard let answer = all("MSA").first else { throw .noAcknowledgement }
    guard let code = Self.text(answer.dropFirst().first).flatMap({ Code(rawValue: $0.uppercased()) }) else {
      throw .unknownCode
    }
    self.code = code
    controlID = Self.text(answer.dropFirst(2).first) ?? ""
    text = Self.text(answer.dropFirst(3).first)
    faults = all("ERR").flatMap { Self.faults($0, delimiters) }
    // MSA-6, a code of its own before there was ERR-3.
    if faults.isEmpty, let old = answer.dropFirst(6).first {
      let parts = delimiters.components(old)
      if let number = Self.text(parts.first).flatMap({ Int($0) }) {
        faults = [Fault(code: number, text: Self.text(parts.dropFirst().first))]
      }
    }
  }

  private static func faults(_ fields: [[UnicodeScalar]], _ delimiters: Delimiters) -> [Fault] {
    func field(_ number: Int) -> [UnicodeScalar] { number < fields.count ? fields[number] : [] }
    let old = delimiters.repetitions(field(1)).compactMap { repetition -> Fault? in
      let parts = delimiters.components(repetition)
      let condition = delimiters.subcomponents(parts.dropFirst(3).first ?? [])
      let fault = Fault(
        location: place(Array(parts.prefix(3))), code: text(condition.first).flatMap { Int($0) },
        text: text(condition.dropFirst().first))
      return fault.location == nil && fault.code == nil && fault.text == nil ? nil : fault
    }
    let condition = delimiters.components(field(3))
    let new = Fault(
      location: place(delimiters.components(delimiters.repetitions(field(2)).first ?? [])),
      code: text(condition.first).flatMap { Int($0) }, severity: text(field(4))?.uppercased(),
      text: text(field(8)) ?? text(field(7)) ?? text(condition.dropFirst().first))
    let isEmpty = new.location == nil && new.code == nil && new.text == nil && new.severity == nil
    return old + (isEmpty ? [] : [new])
  }

  /// `PID^1^3`, of letters and digits alone: safe to be shown.
  private static func place(_ parts: [[UnicodeScalar]]) -> String? {
    let words = parts.prefix(6).map { part in
      String(
        String.UnicodeScalarView(
          part.filter { $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0) }.prefix(8)))
    }
    let text = words.joined(separator: "^")
    let last = text.lastIndex { $0 != "^" }
    return last.map { String(text[...$0]) }
  }

  private static func text(_ scalars: [UnicodeScalar]?) -> String? {
    guard let scalars else { return nil }
    let kept = scalars.filter { $0.properties.generalCategory != .control }
    let trimmed = kept.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
    return trimmed.isEmpty ? nil : String(String.UnicodeScalarView(trimmed))
  }

  /// Those that a header names.
  private struct Delimiters {
    let field: UnicodeScalar
    let component: UnicodeScalar
    let repetition: UnicodeScalar
    let subcomponent: UnicodeScalar

    init(_ header: [UnicodeScalar]) {
      field = header[3]
      let rest = header.dropFirst(4).prefix { [field] in $0 != field }.map { $0 }
      component = rest.count > 0 ? rest[0] : "^"
      repetition = rest.count > 1 ? rest[1] : "~"
      subcomponent = rest.count > 3 ? rest[3] : "&"
    }

    func fields(_ text: [UnicodeScalar]) -> [[UnicodeScalar]] { parts(text, field) }
    func repetitions(_ text: [UnicodeScalar]) -> [[UnicodeScalar]] { parts(text, repetition) }
    func components(_ text: [UnicodeScalar]) -> [[UnicodeScalar]] { parts(text, component) }
    func subcomponents(_ text: [UnicodeScalar]) -> [[UnicodeScalar]] { parts(text, subcomponent) }

    private func parts(_ text: [UnicodeScalar], _ separator: UnicodeScalar) -> [[UnicodeScalar]] {
      text.split(separator: separator, omittingEmptySubsequences: false).map(Array.init)
    }
  }

  // MARK: What it means

  /// What a refusal has to do with, as far as ERR says.
  package enum Cause: Hashable, Sendable {
    /// Something in this message (100–103): the same message would be refused again.
    case content
    /// The receiver takes no such messages (200–203): no other one would fare better.
    case unsupported
    /// Somebody or something that the message names is not known there (204).
    case unknownKey
    /// It had this message (205 of MSH-10 or of OBR-3, or of nothing in particular).
    case duplicate
    /// The receiver is busy or broken (206, 207).
    case busy
    /// ERR is missing, or says nothing of table 0357.
    case unstated
  }

  /// The first of what ERR says that table 0357 knows and that is more than a warning.
  package var cause: Cause {
    for fault in faults where !["W", "I"].contains(fault.severity) {
      switch fault.code {
      case 100, 101, 102, 103: return .content
      case 200, 201, 202, 203: return .unsupported
      case 204: return .unknownKey
      case 205:
        let parts = (fault.location ?? "").split(separator: "^")
        let isOurs =
          parts.isEmpty || (parts.first == "MSH" && (parts.count < 3 || parts[2] == "10"))
          || (parts.first == "OBR" && parts.count > 2 && parts[2] == "3")
        return isOurs ? .duplicate : .content
      case 206, 207: return .busy
      default: continue
      }
    }
    return .unstated
  }
}
