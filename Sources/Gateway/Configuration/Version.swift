import LocalAPI

/// What this build is called, in `--version`, `vitals status` and the record's gateway `Device`.
package enum Version {
  package static let current = ProgramVersion.current
}
