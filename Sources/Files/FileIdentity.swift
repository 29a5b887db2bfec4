import Glibc

/// The identity of a file: equal for two paths that lead to the same file.
package struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  /// Whether it is a folder.
  package let isFolder: Bool
  /// Whether it is a regular file, not a folder, device or pipe.
  package let isRegular: Bool

  /// Asks the system for the file that a path leads to; nil if it fails, with the reason in `errno`.
  package init?(path: String) {
    var status = stat()
    guard !path.utf8.contains(0), stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Asks the system for an open file; nil if it fails, with the reason in `errno`.
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
