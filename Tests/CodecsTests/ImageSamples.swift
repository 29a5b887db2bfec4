import Foundation
import TestSupport

@testable import Codecs

/// Pictures the codec tests read: the fixtures beside them, and the shared data where a machine has it.
enum ImageSamples {
  struct Expected: Decodable {
    let width: Int
    let height: Int
    let pixels: String
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/images")

  /// What OpenCV reads from each fixture.
  static func expected() throws -> [String: Image] {
    let data = try Data(contentsOf: folder.appending(path: "expected.json"))
    return try JSONDecoder().decode([String: Expected].self, from: data).mapValues { expected in
      try Image(width: expected.width, height: expected.height, pixels: bytes(hex: expected.pixels))
    }
  }

  /// The fixtures that must be refused.
  static func refused() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("bad-") }.sorted()
  }

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: folder.appending(path: name))) }

  static func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// A picture of seeded noise.
  static func noise(width: Int, height: Int, seed: UInt64 = 1) throws -> Image {
    var generator = SeededGenerator(seed: seed)
    let pixels = (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return try Image(width: width, height: height, pixels: pixels)
  }
}
