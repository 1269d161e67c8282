import Foundation
import WireFormats

/// Event reports of IEEE 11073 from octets to measurements, again and again; what one costs is the difference of two runs.
enum DecodingBench {
  struct Answer: Encodable {
    var apdus: Int
    var measurements = 0
  }

  struct Unexpected: Error {}

  /// The example of IEEE 11073-20601 Annex H: 120/80, mean 100, pulse 60, 2007-12-06 12:10, of the standard configuration
  /// 0x02BC.
  static let apdu =
    "E700003E003C0054010100360000004900500D1D002CF000000000020024000100120003000600780050006420071206121000000002000A"
    + "F2582007120612100000"

  static func run(count: Int) throws -> Answer {
    let bytes = try Hexadecimal.bytes(apdu)
    guard let configuration = AgentConfiguration.standard(0x02BC) else { throw Unexpected() }
    var answer = Answer(apdus: count)
    for _ in 0..<count {
      guard case .presentation(let data) = try APDU(bytes), case .eventReport(let report, _) = data.message else {
        throw Unexpected()
      }
      answer.measurements += configuration.read(try ScanReport(report.info, form: .fixed)).measurements.count
    }
    guard answer.measurements == 2 * count else { throw Unexpected() }
    return answer
  }
}
