import Foundation
import TestSupport

/// A file system that is soon full, in a namespace of its own.
enum FullDisk {
  /// Its size in bytes.
  static let size = 64 << 10

  /// Whether this machine lets its user mount one.
  static let canBeMade: Bool = {
    guard CommandProcess.path != nil, CommandProcess.has("curl"), CommandProcess.has("unshare") else { return false }
    let folder = try? ScratchFolder()
    return folder.flatMap { try? CommandProcess.run(script(folder: $0.path, "exit 0")).status } == 0
  }()

  /// A script that runs `inner` with the file system mounted on `folder`, `$0` still the command and `$1` the folder.
  static func script(folder: String, _ inner: String) -> String {
    let mount = "mount -t tmpfs -o size=\(size) tmpfs \"$1\" && { \(inner); }"
    return "exec unshare --user --map-root-user --mount sh -c '\(mount)' \"$0\" '\(folder)'"
  }
}
