import Glibc

/// What makes two paths lead to one file.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  /// Whether it is a folder.
  package let isFolder: Bool
  /// Whether it is a regular file: no folder, device or pipe.
  package let isRegular: Bool

  /// Asks the system, links followed; nil when it cannot tell, and `errno` says why.
  package init?(path: String) {
    var status = stat()
    guard !path.utf8.contains(0), stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Asks the system about an open file; nil when it cannot tell, and `errno` says why.
  package init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    isRegular = status.st_mode & S_IFMT == S_IFREG
  }
}
