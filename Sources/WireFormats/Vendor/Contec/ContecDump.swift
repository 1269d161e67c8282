/// A user's readings, put together from the reports that a Contec cuff sends of itself once it was asked for them: that it
/// heard (`4A 43 01`), a ``ContecHeader``, and as many ``ContecReading``s as that says. Source: MarkMLl/contec08a,
/// `consoleapp.pas`.
///
/// The readings have no number and no checksum, so one dump is taken whole or not at all; reports left over from another one
/// are passed over.
package struct ContecDump: Sendable {
  /// One reading, or why there is none in these octets.
  package struct Item: Sendable {
    /// As they came.
    package let bytes: [UInt8]
    package let reading: Result<ContecReading, DecodingFailure>
  }

  package enum Answer: Sendable {
    case readings([Item])
    /// The third octet of the cuff's answer was not 1: it is switched off.
    case refused
  }

  private enum Awaited {
    case acknowledgement, header
    case readings(Int)
  }

  private static let acknowledgement: UInt8 = 0x4A

  private let user: ContecCommand.User
  private var awaited = Awaited.acknowledgement
  private var items: [Item] = []

  /// - Parameter user: whose readings were asked for; those of another are passed over.
  package init(of user: ContecCommand.User) { self.user = user }

  /// Takes a report.
  /// - Returns: the answer when it is whole; nil before, and for a report that belongs to none.
  /// - Throws: ``DecodingFailure`` for a damaged answer or header. An unreadable reading is an ``Item``.
  package mutating func append(_ report: [UInt8]) throws(DecodingFailure) -> Answer? {
    if report.first == Self.acknowledgement {
      // Also in the middle of another: that one was given up.
      awaited = .acknowledgement
      items = []
      var reader = ByteReader(report)
      _ = try reader.uint8("Kind")
      guard try reader.uint8("Command") == ContecCommand.readings(user).bytes[0] else { return nil }
      guard try reader.uint8("Status") == 1 else { return .refused }
      awaited = .header
      return nil
    }
    switch awaited {
    case .acknowledgement: return nil
    case .header:
      guard report.first == ContecHeader.kind else { return nil }
      let header = try ContecHeader(report)
      awaited = header.user == user.rawValue ? .readings(header.count) : .acknowledgement
    case .readings:
      do throws(DecodingFailure) {
        items.append(Item(bytes: report, reading: .success(try ContecReading(report))))
      } catch {
        items.append(Item(bytes: report, reading: .failure(error)))
      }
    }
    guard case .readings(let count) = awaited, items.count == count else { return nil }
    awaited = .acknowledgement
    return .readings(items)
  }
}
