import BluetoothLE
import DeviceSimulator
import Foundation

/// What `vitals learn --import` asks: a profile folder out of a phone's log, or out of a recording.
package struct LearnRequest {
  /// Why nothing was learned.
  package enum Failure: Error, CustomStringConvertible {
    case unreadable(String, String)
    case tooLong(String, Int)
    case address(String)
    case whichDevice(found: [String])
    case notInLog(String, found: [String])
    case folder(String)

    package var description: String { sentence(isVietnamese: false) }

    package func sentence(isVietnamese: Bool) -> String {
      func say(_ english: String, _ vietnamese: String) -> String { isVietnamese ? vietnamese : english }
      switch self {
      case .unreadable(let file, let reason): return "\(file): \(reason)"
      case .tooLong(let file, let size):
        return say(
          "\(file) has \(size) octets, more than \(LearnRequest.longestFile); make a new log with the one session in it",
          "\(file) có \(size) byte, quá \(LearnRequest.longestFile); hãy ghi lại chỉ một phiên đo")
      case .address(let text):
        return say(
          "'\(text)' is no Bluetooth address; expected F0:F1:F2:F3:F4:F5",
          "'\(text)' không phải địa chỉ Bluetooth; cần dạng F0:F1:F2:F3:F4:F5")
      case .whichDevice(let found):
        return say(
          "say which device with --address; the log has \(list(found))",
          "hãy nêu thiết bị bằng --address; trong tệp có \(list(found))")
      case .notInLog(let address, let found):
        return say(
          "the log has nothing of \(address); it has \(list(found))",
          "trong tệp không có gì của \(address); có \(list(found))")
      case .folder(let reason): return reason
      }
      func list(_ found: [String]) -> String {
        found.isEmpty
          ? say(
            "no device at all: switch Bluetooth off and on after you have switched the log on, then measure",
            "không thiết bị nào: sau khi bật ghi nhật ký, hãy tắt rồi bật lại Bluetooth, sau đó đo")
          : found.joined(separator: ", ")
      }
    }
  }

  /// A phone's log of some weeks is shorter.
  static let longestFile = 256 << 20

  /// What came of it.
  package struct Report: Encodable {
    package var folder: String
    package var files: [String]
    /// The driver that reads its standard services; nil when there is none.
    package var driver: String?
    /// Notifications and indications of the session.
    package var values: Int
    /// What was made unrecognisable.
    package var redacted: [String]
    /// Whether measured values stand in session.yaml as they came.
    package var valuesKept: Bool
    /// What a person has to fill in.
    package var missing: [String]
    /// What was wrong with the file that was read; what stood before it is in the folder. Nil when nothing was.
    package var damage: String?
    /// Packets that were passed over: cut, or not sound.
    package var passedOver: Int
  }

  package var file: String
  package var address: String?
  package var directory: String
  package var name: String
  package var namePrefix: String
  package var keepsValues: Bool

  package init(
    file: String, address: String?, directory: String, name: String, namePrefix: String, keepsValues: Bool
  ) {
    self.file = file
    self.address = address
    self.directory = directory
    self.name = name
    self.namePrefix = namePrefix
    self.keepsValues = keepsValues
  }

  /// Reads the file and writes the folder.
  package func run() throws(Failure) -> Report {
    guard LearnedFolder.isName(name) else { throw .folder(LearnedFolder.Failure.name(name).description) }
    let octets = try octets()
    let recording: Recording
    var damage: String?
    var passedOver = 0
    if RecordingFile.isRecording(octets) {
      let read = RecordingFile.read(octets)
      guard let found = read.recording else { throw .unreadable(file, read.fault ?? "it is no recording") }
      recording = found
      damage = read.fault
    } else {
      let log: PhoneLog
      do throws(BtsnoopFile.Failure) {
        log = try PhoneLog(octets)
      } catch {
        throw .unreadable(file, error.description)
      }
      recording = try self.recording(in: log)
      damage = log.failure?.description
      passedOver = log.passedOver
    }
    do throws(LearnedFolder.Failure) {
      let folder = try LearnedFolder(
        recording, name: name, in: URL(filePath: directory), namePrefix: namePrefix, keepsValues: keepsValues)
      let files = try folder.write()
      return Report(
        folder: folder.folder.path, files: files.map(\.lastPathComponent), driver: folder.draft.device.driver?.name,
        values: folder.draft.device.values, redacted: recording.redacted, valuesKept: keepsValues,
        missing: folder.draft.missing, damage: damage, passedOver: passedOver)
    } catch {
      throw .folder(error.description)
    }
  }

  private func octets() throws(Failure) -> [UInt8] {
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: file)
      let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
      guard size <= Self.longestFile else { throw Failure.tooLong(file, size) }
      return Array(try Data(contentsOf: URL(filePath: file)))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .unreadable(file, error.localizedDescription)
    }
  }

  private func recording(in log: PhoneLog) throws(Failure) -> Recording {
    let found = log.peers.prefix(20).map { peer in
      "\(peer.address)" + (peer.name.map { " (\($0))" } ?? "")
    }
    guard let address else {
      guard log.peers.count == 1, let only = log.peers.first,
        let recording = log.recording(of: only.address, namePrefix: namePrefix)
      else { throw .whichDevice(found: found) }
      return recording
    }
    guard BluetoothAddress(address, kind: .public) != nil else { throw .address(address) }
    // Whether it is public or random the log says; a person need not know.
    for kind in BluetoothAddress.Kind.allCases {
      guard let wanted = BluetoothAddress(address, kind: kind),
        let recording = log.recording(of: wanted, namePrefix: namePrefix)
      else { continue }
      return recording
    }
    throw .notInLog(address, found: found)
  }
}

extension LearnRequest.Report {
  /// One line of JSON.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
