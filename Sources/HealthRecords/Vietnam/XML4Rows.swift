package import Foundation
package import Observations

/// Blood pressures as rows named like table 4 (XML4, results of services) of Decision 130/QĐ-BYT with its amendments 4750 and
/// 3176: a file that a facility's own software may take values from, and no claim. A home has no treatment episode, no
/// service and no doctor who read the result, so what only a facility can say stays empty: MA_LK, MA_DICH_VU, MA_CHI_SO (a
/// code of the facility's list), KET_LUAN, MA_BS_DOC_KQ.
package struct XML4Rows: Sendable {
  /// Whose offset NGAY_KQ is in: the field has none of its own.
  package let timeZone: TimeZone
  private var count = 0

  package init(timeZone: TimeZone) { self.timeZone = timeZone }

  /// The file up to its rows.
  package static let head = """
    <?xml version="1.0" encoding="UTF-8"?>
    <!-- Số đo tại nhà, do người dân tự đo; không phải hồ sơ đề nghị thanh toán. -->
    <CHITIEU_CHITIET_DICHVUCANLAMSANG>
    <DSACH_CHI_TIET_CLS>

    """

  package static let end = """
    </DSACH_CHI_TIET_CLS>
    </CHITIEU_CHITIET_DICHVUCANLAMSANG>

    """

  /// One row for each value of a reading that ``VitalSignsSection/takes(_:)``.
  package mutating func rows(_ reading: Observation, by device: DeviceDescription) -> String {
    VitalSignsSection.items.compactMap { item -> String? in
      guard let value = reading.quantity(item.code)?.inMillimetresOfMercury.value else { return nil }
      count += 1
      let about = (["LOINC \(item.loinc)", VitalSignsSection.model(device)] + [VitalSignsSection.remarks(reading)])
        .filter { !$0.isEmpty }.joined(separator: "; ")
      let fields = [
        ("MA_LK", ""), ("STT", "\(count)"), ("MA_DICH_VU", ""), ("MA_CHI_SO", ""), ("TEN_CHI_SO", item.name),
        ("GIA_TRI", "\(value)"), ("DON_VI_DO", item.unit), ("MO_TA", about), ("KET_LUAN", ""),
        ("NGAY_KQ", minute(reading.effective.end)), ("MA_BS_DOC_KQ", ""), ("DU_PHONG", ""),
      ]
      return "<CHI_TIET_CLS>" + fields.map { "<\($0)>\(Self.escaped($1))</\($0)>" }.joined() + "</CHI_TIET_CLS>\n"
    }.joined()
  }

  /// `yyyymmddHHmm`.
  private func minute(_ date: Date) -> String {
    String(FHIRDateTime.text(date, in: timeZone).prefix(16).filter(\.isNumber))
  }

  /// As element content; what XML 1.0 cannot hold, a control character of a device's name, is left out.
  private static func escaped(_ text: String) -> String {
    let kept = String(text.unicodeScalars.filter { $0.properties.generalCategory != .control })
    return kept.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
