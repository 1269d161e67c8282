/// What this build of both programs is called.
package enum ProgramVersion {
  package static let current = "0.1.0"
}
