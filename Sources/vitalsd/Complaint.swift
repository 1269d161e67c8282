import Foundation

/// Says on standard error what went wrong.
func complain(_ sentence: String) {
  FileHandle.standardError.write(Data("vitalsd: \(sentence)\n".utf8))
}
