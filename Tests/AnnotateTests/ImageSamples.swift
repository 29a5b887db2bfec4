import Annotate
import Foundation

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

  /// `images` of the shared data.
  static let shared: URL? = {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data =
      ProcessInfo.processInfo.environment["LIMN_DATA"].map { URL(filePath: $0) }
      ?? package.deletingLastPathComponent().appending(path: "shared/data")
    let images = data.appending(path: "images")
    return FileManager.default.fileExists(atPath: images.path) ? images : nil
  }()

  /// Paths of the pictures in a folder of the shared data.
  static func sharedFiles(_ name: String) throws -> [String] {
    guard let folder = shared?.appending(path: name) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().filter {
      ["jpg", "jpeg", "png"].contains(($0 as NSString).pathExtension.lowercased())
    }.map { folder.appending(path: $0).path }
  }

  /// Runs `body` with the path of an empty folder, removed afterwards.
  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "limn-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }

  /// A picture of seeded noise.
  static func noise(width: Int, height: Int, seed: UInt64 = 1) throws -> Image {
    var generator = SeededGenerator(state: seed)
    let pixels = (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return try Image(width: width, height: height, pixels: pixels)
  }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
