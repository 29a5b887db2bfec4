import Foundation
import Glibc

/// A folder of its own for one test, gone with it.
package final class ScratchFolder: Sendable {
  package let path: String

  package init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("limn-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The text of a file below the folder.
  package func text(_ name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }

  /// The bytes of a file below the folder.
  package func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  /// Writes a file below the folder, in subfolders that are made where they are missing, and gives its path.
  @discardableResult package func write(_ bytes: [UInt8] = [], to name: String = "file") throws -> String {
    // Foundation takes a slash and a combining mark behind it for one character.
    let parts = name.utf8.split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
    var file = path
    for (index, part) in parts.enumerated() {
      file += "/" + part
      if index < parts.count - 1, mkdir(file, 0o777) != 0, errno != EEXIST { throw failure("make", file) }
    }
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    guard descriptor >= 0 else { throw failure("open", file) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw failure("write", file) }
      rest = rest.dropFirst(count)
    }
    return file
  }

  private func failure(_ action: String, _ file: String) -> FakeError {
    FakeError(description: "cannot \(action) \(file): \(String(cString: strerror(errno)))")
  }

  /// The paths of all files below the folder, hidden ones too, sorted.
  package func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }
}
