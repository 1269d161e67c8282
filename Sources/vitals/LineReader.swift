import Dispatch
import Foundation

/// Reads lines of standard input, one for each request, on a thread of its own: a read blocks for as long as a person
/// thinks. Octet by octet, so that what is typed ahead stays in the terminal for whoever reads next.
final class LineReader: Sendable {
  private let wanted = DispatchSemaphore(value: 0)
  private let give: @Sendable (String?) -> Void

  /// - Parameter give: gets each line, and nil when the input has ended.
  init(descriptor: Int32, give: @escaping @Sendable (String?) -> Void) {
    self.give = give
    let wanted = self.wanted
    let thread = Thread { @Sendable in
      while true {
        wanted.wait()
        let line = Self.line(descriptor)
        give(line)
        if line == nil { return }
      }
    }
    thread.start()
  }

  func request() { wanted.signal() }

  private static func line(_ descriptor: Int32) -> String? {
    var octets: [UInt8] = []
    while true {
      var octet: UInt8 = 0
      let count = read(descriptor, &octet, 1)
      if count == 1 {
        if octet == UInt8(ascii: "\n") { return String(decoding: octets, as: UTF8.self) }
        // A line longer than any answer is cut; what is cut off is nobody's.
        if octets.count < 4096 { octets.append(octet) }
      } else if count < 0, errno == EINTR {
        continue
      } else {
        return octets.isEmpty ? nil : String(decoding: octets, as: UTF8.self)
      }
    }
  }
}
