package import Backups
package import Store

/// Why a backup was not restored. Then everything is as it was.
package enum RestoreFailure: Error, Sendable {
  case backup(BackupFailure)
  /// What stands on this box already, by path.
  case exists([String])
  /// A daemon, or another restore, has the data.
  case running(DataLock.Refusal)
  /// Another restore, or a daemon that keeps its data there too, has the directory of the configuration.
  case taken(directory: String)
  /// Whoever asked for it stopped it.
  case cancelled
  /// The database in the backup is not one that this version can use.
  case database(StoreFailure)
  /// Its `vitalsd.yaml` is not one that this version can use.
  case configuration(String)
  case cannotWrite(path: String, reason: String)
  case plan(RestorePlan.Failure)

  /// For programs.
  package var code: String {
    switch self {
    case .backup(let failure): failure.code
    case .exists: "already-there"
    case .running, .taken: "busy"
    case .cancelled: "cancelled"
    case .database(.newerSchema): "newer-schema"
    case .database: "damaged"
    case .configuration: "configuration"
    case .cannotWrite: "cannot-write"
    case .plan: "interrupted"
    }
  }

  /// What is wrong and what to do.
  package func sentence(isVietnamese: Bool) -> String {
    func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }
    switch self {
    case .backup(let failure): return failure.sentence(isVietnamese: isVietnamese)
    case .exists(let paths):
      let names = paths.joined(separator: ", ")
      return say(
        "this box has a household already (\(names)); nothing was changed. With --force it is put aside, and kept",
        "thiết bị này đã có dữ liệu (\(names)); chưa thay đổi gì. Dùng --force để cất dữ liệu cũ sang một bên (vẫn giữ lại)"
      )
    case .running(let refusal):
      return say(
        "\(refusal)", "vitalsd đang chạy trên dữ liệu này; hãy dừng trước: systemctl stop vitalsd (\(refusal))")
    case .taken(let directory):
      return say(
        "another restore works in \(directory), or a vitalsd that keeps its readings there; nothing was changed. Wait for the "
          + "one, or stop the other: systemctl stop vitalsd",
        "một lần khôi phục khác đang chạy trong \(directory), hoặc vitalsd đang lưu dữ liệu ở đó; chưa thay đổi gì. Hãy đợi "
          + "hoặc dừng trước: systemctl stop vitalsd")
    case .cancelled:
      return say(
        "the restore was stopped. Nothing was changed, and what had been unpacked is removed",
        "đã dừng khôi phục. Chưa thay đổi gì, và những gì đã giải nén đã được xóa")
    case .database(let failure):
      return say(
        "the database in the backup cannot be used here: \(failure). Nothing was changed",
        "không dùng được cơ sở dữ liệu trong bản sao lưu: \(failure). Chưa thay đổi gì")
    case .configuration(let text):
      return say(
        "the vitalsd.yaml in the backup cannot be used by this version: \(text). Nothing was changed",
        "phiên bản này không dùng được vitalsd.yaml trong bản sao lưu: \(text). Chưa thay đổi gì")
    case .cannotWrite(let path, let reason):
      return say(
        "\(path): \(reason). Nothing was changed; restore as root (sudo)",
        "\(path): \(reason). Chưa thay đổi gì; hãy khôi phục bằng quyền root (sudo)")
    case .plan(let failure): return failure.sentence(isVietnamese: isVietnamese)
    }
  }
}
