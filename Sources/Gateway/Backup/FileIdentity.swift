import Glibc

/// Which file or directory a path leads to, however it is spelled (inode(7)).
struct FileIdentity: Hashable {
  private let device: dev_t
  private let number: ino_t

  init(_ information: stat) { (device, number) = (information.st_dev, information.st_ino) }

  /// Links are followed; nil: nothing is there, or it may not be looked at.
  init?(of path: String) {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    self.init(information)
  }

  /// A directory and all above it, as it is spelled and as the links in its path lead.
  static func chain(_ directory: String) -> Set<FileIdentity> {
    var spellings = [directory]
    if let real = realpath(directory, nil) {
      spellings.append(String(cString: real))
      free(real)
    }
    var found: Set<FileIdentity> = []
    for spelling in spellings {
      var parts = spelling.split(separator: "/")
      while !parts.isEmpty {
        if let identity = FileIdentity(of: "/" + parts.joined(separator: "/")) { found.insert(identity) }
        parts.removeLast()
      }
    }
    return found
  }
}
