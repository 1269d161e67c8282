import Backups
import Foundation
import Gateway

/// What `restore` says to a person, in the languages of `vitals`.
struct RestoreWords {
  let isVietnamese: Bool

  /// What a backup holds.
  struct Listing: Encodable {
    struct File: Encodable {
      var path: String
      var octets: Int64
    }

    var manifest: BackupManifest
    var files: [File]
  }

  private func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }

  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  var question: String { say("Passphrase:", "Cụm mật khẩu:") }

  func progress(_ octets: Int64) -> String {
    say("\(octets / 1_000_000) MB of the database", "\(octets / 1_000_000) MB cơ sở dữ liệu")
  }

  var coreFiles: String {
    say(
      "core files could not be forbidden; one would hold readings and keys",
      "không cấm được tệp core; tệp như vậy sẽ chứa kết quả đo và khóa")
  }

  func text(_ remains: HouseholdRestore.Remains) -> String {
    if remains.finished {
      return say(
        "The restore is finished. Start the service: systemctl start vitalsd",
        "Đã khôi phục xong. Hãy khởi động: systemctl start vitalsd")
    }
    if remains.removed.isEmpty {
      return say("No restore was interrupted; nothing was done.", "Không có lần khôi phục nào dang dở; không làm gì.")
    }
    let names = remains.removed.joined(separator: ", ")
    return say(
      "No restore is left to finish. What an interrupted one had unpacked is removed: \(names).",
      "Không còn lần khôi phục nào cần hoàn tất. Đã xóa những gì lần bị gián đoạn đã giải nén: \(names).")
  }

  func text(_ failure: PassphraseEntry.Failure) -> String {
    switch failure {
    case .noTerminal:
      say(
        "there is no terminal to ask for the passphrase at; say --passphrase-file",
        "không có màn hình dòng lệnh để hỏi cụm mật khẩu; hãy dùng --passphrase-file")
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .empty(let path): say("the first line of \(path) is empty", "dòng đầu của \(path) trống")
    }
  }

  func text(_ listing: Listing) -> String {
    let files = listing.files.map { "  \($0.path)  \($0.octets)" }
    return
      (summary(listing.manifest.madeAt, listing.manifest.software, listing.manifest.contents) + files
      + missing(listing.manifest.leftOut)).joined(separator: "\n")
  }

  func text(_ report: HouseholdRestore.Report) -> String {
    var lines = summary(report.madeAt, report.software, report.contents)
    lines.append(
      say(
        "Restored: \(report.configuration) and \(report.files - 1) more files; the database is in \(report.data).",
        "Đã khôi phục: \(report.configuration) và \(report.files - 1) tệp khác; cơ sở dữ liệu ở \(report.data)."))
    if !report.setAside.isEmpty {
      let names = report.setAside.joined(separator: ", ")
      lines.append(
        say(
          "What was here before is kept in \(names). It holds health data: remove it when you are sure.",
          "Dữ liệu cũ được giữ trong \(names). Trong đó có dữ liệu sức khỏe: hãy xóa khi đã chắc chắn."))
    }
    for (old, new) in report.moved.sorted(by: { $0.key < $1.key }) {
      lines.append(
        say(
          "\(old) lies in \(new) now: move it there, or change vitalsd.yaml.",
          "\(old) nay nằm ở \(new): hãy chuyển về chỗ cũ hoặc sửa vitalsd.yaml."))
    }
    lines += missing(report.missing)
    if report.pairAgain.isEmpty {
      if report.contents.bonds > 0 {
        lines.append(
          say(
            "Paired devices know this box by the gateway's own Bluetooth address, which came along: nothing is paired again, "
              + "unless 'vitals status' says that this adapter does not take the address.",
            "Các máy đã ghép nối nhận ra thiết bị này qua địa chỉ Bluetooth riêng của cổng, đã được chuyển theo: không cần "
              + "ghép nối lại, trừ khi 'vitals status' báo bộ thu không nhận địa chỉ đó."))
      }
    } else {
      let names = report.pairAgain.joined(separator: ", ")
      lines.append(
        say(
          "The old box's adapter did not take the gateway's own address, so these know that adapter only: \(names). Move the "
            + "stick along, or pair them again: vitals pair --again NAME",
          "Bộ thu của thiết bị cũ không nhận địa chỉ riêng của cổng nên các máy sau chỉ biết bộ thu đó: \(names). Hãy cắm "
            + "bộ thu cũ vào đây, hoặc ghép nối lại: vitals pair --again TÊN"))
    }
    lines.append(
      say(
        "Keep the old box off (systemctl disable --now vitalsd): both have the same Bluetooth address, and both would send. "
          + "Readings it took after \(time(report.madeAt)) are on it only.",
        "Hãy tắt thiết bị cũ (systemctl disable --now vitalsd): hai thiết bị có cùng địa chỉ Bluetooth và cùng gửi tin. Các "
          + "kết quả nó nhận sau \(time(report.madeAt)) chỉ có ở đó."))
    lines.append(
      say(
        "Consents are as they were then: look at 'vitals consent list'. Now: vitals check && systemctl start vitalsd",
        "Các đồng ý như tại lúc sao lưu: hãy xem 'vitals consent list'. Tiếp theo: vitals check && systemctl start vitalsd"
      ))
    return lines.joined(separator: "\n")
  }

  private func summary(_ madeAt: Date, _ software: String, _ contents: BackupManifest.Contents) -> [String] {
    [
      say(
        "Backup of \(time(madeAt)), made by vitalsd \(software).",
        "Bản sao lưu lúc \(time(madeAt)), do vitalsd \(software) tạo."),
      say(
        "People: \(contents.patients), devices: \(contents.devices) (paired: \(contents.bonds)), readings: \(contents.readings), "
          + "consents: \(contents.consents), waiting deliveries: \(contents.waiting).",
        "Người: \(contents.patients), máy đo: \(contents.devices) (đã ghép nối: \(contents.bonds)), kết quả: "
          + "\(contents.readings), đồng ý: \(contents.consents), tin chờ gửi: \(contents.waiting)."),
    ]
  }

  private func missing(_ names: [String]) -> [String] {
    guard !names.isEmpty else { return [] }
    let names = names.joined(separator: ", ")
    return [
      say(
        "Not in it, because the old box could not read it: \(names). Put it in place by hand.",
        "Không có trong bản sao lưu vì thiết bị cũ không đọc được: \(names). Hãy tự đặt vào.")
    ]
  }

  private func time(_ date: Date) -> String {
    date.formatted(
      Date.ISO8601FormatStyle(timeZone: .current).year().month().day().time(includingFractionalSeconds: false).timeZone(
        separator: .colon))
  }
}
