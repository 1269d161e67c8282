/// A backup that is read: an age file whose payload is a tar archive, whose first file is the manifest.
package struct BackupReader {
  package let manifest: BackupManifest
  /// The other files.
  package var archive: ArchiveReader

  /// A manifest is a page of text.
  private static let mostManifest: Int64 = 1 << 20

  /// Takes as long and as much memory as scrypt does.
  ///
  /// - Parameter mostWork: see ``AgeDecryptor``.
  package init(path: String, _ passphrase: Passphrase, mostWork: Int? = nil) throws(BackupFailure) {
    var archive = ArchiveReader(try AgeDecryptor(try ByteInput(path: path), passphrase, mostWork: mostWork))
    guard let first = try archive.nextEntry(), first.path == BackupManifest.name, first.size <= Self.mostManifest else {
      throw .notOurs(detail: "its first file is not \(BackupManifest.name)")
    }
    manifest = try BackupManifest(json: try archive.contents())
    self.archive = archive
  }
}
