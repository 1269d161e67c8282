import Foundation
import LocalAPI

/// What a person sees first when the daemon runs in a terminal.
enum Welcome {
  static func print(_ configuration: Configuration) {
    let socket = configuration.socketPath
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
        URL(filePath: $0).deletingLastPathComponent().appending(path: "vitals").path(percentEncoded: false)
      } ?? "vitals"
    let text = """
      vitalsd \(Version.current) runs; Ctrl-C ends it. Readings and alerts are shown here as they come.
      \(configuration.simulation == .never ? "" : "Without a Bluetooth adapter it plays recorded sessions: those lines say [SIMULATED].\n")
      Try next, in another terminal:
        export VITALS_SOCKET=\(socket)
        \(program) status
        \(program) readings --follow
        \(program) alerts
        \(program) patients add "Ông Ba"
        \(program) pair
        \(program) doctor

      """
    FileHandle.standardOutput.write(Data(text.utf8))
  }
}
