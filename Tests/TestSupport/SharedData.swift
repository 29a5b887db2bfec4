import Foundation

/// The data that a machine may have for tests: the folder that `LIMN_DATA` names, else `../shared/data` beside the
/// package.
package enum SharedData {
  /// The package.
  package static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The folder; nil where there is none.
  package static let folder: String? = {
    let path =
      ProcessInfo.processInfo.environment["LIMN_DATA"]
      ?? package.deletingLastPathComponent().appendingPathComponent("shared/data").path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }()

  /// A file or folder in it; nil where it is not there.
  package static func path(_ name: String) -> String? {
    folder.map { $0 + "/" + name }.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
  }

  /// Paths of the JPEG and PNG files in a folder of its `images`, in order of their names.
  package static func images(_ name: String) throws -> [String] {
    guard let folder = path("images/" + name) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter {
      ["jpg", "jpeg", "png"].contains(($0 as NSString).pathExtension.lowercased())
    }.map { folder + "/" + $0 }
  }
}
