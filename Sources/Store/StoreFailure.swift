import Foundation
import GRDB
package import Observations

/// Why the store did not do what it was asked. Descriptions hold no patient data.
package enum StoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// No room on the disk, or over quota.
  case fullDisk
  /// The file system takes nothing, or the file is another user's.
  case readOnly
  /// The disk gave an error; SQLite's extended code.
  case io(code: Int32)
  /// Something that stands in the file is not what the gateway writes there; the file itself is whole.
  case corrupt(detail: String)
  /// SQLite says that the file is damaged, or none of its own; its extended code (SQLITE_CORRUPT, SQLITE_NOTADB).
  case damaged(code: Int32)
  /// A copy of the file, or the one that was rebuilt, is not whole, and the file that it was made of is.
  case badCopy(detail: String)
  /// Another process held the file for longer than the busy timeout.
  case busy
  /// The directory or the file cannot be made or opened; the reason by the system.
  case cannotOpen(path: String, reason: String)
  /// The file was written by a later version; `unknown` names its migrations that this one does not know.
  case newerSchema(path: String, unknown: [String])
  /// `synchronous` reads back as this, not as 2: a commit would not mean *on disk*.
  case notSynchronous(level: Int)
  /// Another person has that name.
  case nameTaken
  case emptyName
  case unknownPatient
  case unknownDevice
  case unknownReading(ObservationID)
  /// It is another person's already.
  case readingTaken(ObservationID)
  /// The task was cancelled; whether the change was committed is not known, so it counts as not done.
  case cancelled
  /// Anything else, by SQLite's extended code and its words.
  case other(code: Int32, message: String)

  package var description: String {
    switch self {
    case .fullDisk:
      "the disk that holds the readings is full; free some room: new readings stay in the devices until then"
    case .readOnly:
      "the readings' file cannot be written: its disk has become read-only, as the kernel makes it after an error, or the file "
        + "is another user's"
    case .io(let code):
      "the disk that holds the readings gave an error (SQLite code \(code)); look at the kernel's log, replace the disk"
    case .corrupt(let detail):
      "something in the readings' file cannot be read (\(detail)); at its next start the gateway sets it aside, and takes what "
        + "stood there from the newest copy that has it"
    case .damaged(let code):
      "the readings' file is damaged (SQLite code \(code)); at its next start the gateway sets it aside, restores the newest "
        + "copy, and reads what it can of the damaged one"
    case .badCopy(let detail):
      "a copy of the readings' file is not whole (\(detail)), and the file is; look at the kernel's log, replace the disk"
    case .busy: "another program holds the readings' file; close it"
    case .cannotOpen(let path, let reason): "\(path) cannot be opened: \(reason)"
    case .newerSchema(let path, let unknown):
      "\(path) was written by a later version (it has \(unknown.joined(separator: ", "))); "
        + "install that version. Nothing was changed"
    case .notSynchronous(let level):
      "the readings' file could not be set to wait for the disk (synchronous reads \(level), 2 is needed); "
        + "nothing is taken until that is mended"
    case .nameTaken: "another person has this name; names differ in more than capitals"
    case .emptyName: "a name is needed"
    case .unknownPatient: "nobody by that name; see the list of patients"
    case .unknownDevice: "no such device; see the list of devices"
    case .unknownReading(let id): "there is no reading \(id)"
    case .readingTaken(let id): "the reading \(id) is another person's; it has to be disowned first"
    case .cancelled: "stopped before it was known to be written"
    case .other(let code, let message): "the readings' file: \(message) (SQLite code \(code))"
    }
  }

  /// What a thrown error means here. A failure passes through.
  init(_ error: any Error) {
    switch error {
    case let failure as StoreFailure: self = failure
    case let error as DatabaseError:
      let code = error.extendedResultCode.rawValue
      switch error.resultCode {
      case .SQLITE_FULL: self = .fullDisk
      case .SQLITE_READONLY: self = .readOnly
      case .SQLITE_IOERR: self = .io(code: code)
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(code: code)
      case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
      // What json_extract and json_each say of a text that is no JSON.
      case .SQLITE_ERROR where error.message == "malformed JSON": self = .corrupt(detail: "a record cannot be read")
      // GRDB's own words hold the statement's arguments; SQLite's message does not.
      default: self = .other(code: code, message: error.message ?? error.resultCode.description)
      }
    case is CancellationError: self = .cancelled
    case is DecodingError: self = .corrupt(detail: "a record cannot be read")
    case is RowDecodingError: self = .corrupt(detail: "a row cannot be read")
    default: self = .other(code: -1, message: "\(type(of: error))")
    }
  }
}
