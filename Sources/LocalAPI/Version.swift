/// What this build is called: in `--version` of both programs, `vitals status`, the record's gateway `Device`, and as the
/// version of the Debian package, which reads it here (`systemd/package`).
package enum Version {
  /// Numbers with dots between them, the newer one greater.
  package static let current = "0.1.0"
}
