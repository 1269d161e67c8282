package import Foundation
package import YAMLDocuments

/// What `vitals check` says about profiles.
package enum ProfileCheck {
  /// Everything wrong with the profiles below `directories`, file by file in the order of their names; empty when all is
  /// well. Blocks on the disk.
  package static func check(_ directories: [URL]) -> [Diagnostic] {
    ProfileLibrary.load(directories).diagnostics
  }

  /// Everything wrong with one `profile.yaml`. Its name is not held against its folders.
  package static func check(file: URL) -> [Diagnostic] {
    do throws(Diagnostic) {
      return ProfileFile.read(file, named: nil, schema: try ProfileFile.schema()).diagnostics
    } catch {
      return [error]
    }
  }
}
