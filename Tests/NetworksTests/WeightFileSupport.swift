import Foundation

@testable import Networks

/// A folder that is removed with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "limn-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file and gives its path.
  func write(_ bytes: [UInt8], to name: String = "file") throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// The names of the files in it.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// The path of a file in `Fixtures`.
func weightFixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// The bytes of a file in `Fixtures`.
func weightFixtureBytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: weightFixture(name))))
}

/// The folder of real weights: in `LIMN_DATA`, else in `../shared/data` beside the package; nil where neither exists.
let realWeights: String? = {
  let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let data =
    ProcessInfo.processInfo.environment["LIMN_DATA"]
    ?? package.deletingLastPathComponent().appendingPathComponent("shared/data").path
  let weights = data + "/weights"
  return FileManager.default.fileExists(atPath: weights) ? weights : nil
}()

/// The sentence with which opening `bytes` as a weight file fails, without the path; nil where it succeeds.
func refusal(of bytes: [UInt8]) throws -> String? {
  let path = try TemporaryFolder.shared.write(bytes, to: UUID().uuidString)
  defer { try? FileManager.default.removeItem(atPath: path) }
  do {
    _ = try WeightFile(path: path)
    return nil
  } catch {
    return error.description.replacingOccurrences(of: path, with: "FILE")
  }
}

extension TemporaryFolder {
  /// A folder for the whole run, for files that are removed at once.
  nonisolated(unsafe) fileprivate static let shared: TemporaryFolder = {
    do { return try TemporaryFolder() } catch { preconditionFailure("no temporary folder: \(error)") }
  }()
}

/// Little-endian bytes of an integer.
func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// A safetensors file of a header and data.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
  bytes(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// Opcodes of a pickle, put together by hand.
enum Pickle {
  static let mark: [UInt8] = [0x28]
  static let stop: [UInt8] = [0x2E]
  static let emptyDict: [UInt8] = [0x7D]
  static let emptyList: [UInt8] = [0x5D]
  static let emptyTuple: [UInt8] = [0x29]
  static let setItem: [UInt8] = [0x73]
  static let setItems: [UInt8] = [0x75]
  static let append: [UInt8] = [0x61]
  static let tuple: [UInt8] = [0x74]
  static let reduce: [UInt8] = [0x52]
  static let newObject: [UInt8] = [0x81]
  static let build: [UInt8] = [0x62]
  static let none: [UInt8] = [0x4E]
  static let persistentID: [UInt8] = [0x51]

  static func global(_ module: String, _ name: String) -> [UInt8] { [0x63] + Array("\(module)\n\(name)\n".utf8) }
  static func string(_ text: String) -> [UInt8] { [0x58] + bytes(UInt32(text.utf8.count)) + Array(text.utf8) }
  static func int(_ value: Int32) -> [UInt8] { [0x4A] + bytes(value) }
  static func long(_ value: Int64) -> [UInt8] { [0x8A, 8] + bytes(value) }
  static func put(_ key: UInt32) -> [UInt8] { [0x72] + bytes(key) }
  static func get(_ key: UInt32) -> [UInt8] { [0x6A] + bytes(key) }
  static func tuple(_ items: [[UInt8]]) -> [UInt8] { mark + items.joined() + tuple }
  static func dict(_ members: [(String, [UInt8])]) -> [UInt8] {
    emptyDict + mark + members.flatMap { string($0.0) + $0.1 } + setItems
  }

  /// A module of class `models.Block` with the given parts.
  static func module(_ modules: [(String, [UInt8])] = [], _ more: [(String, [UInt8])] = []) -> [UInt8] {
    let state = [("_parameters", emptyDict), ("_buffers", emptyDict), ("_modules", dict(modules))] + more
    return global("models", "Block") + emptyTuple + newObject + dict(state) + build
  }

  static func storage(_ type: String = "FloatStorage", key: String = "0", count: [UInt8]) -> [UInt8] {
    tuple([string("storage"), global("torch", type), string(key), string("cpu"), count]) + persistentID
  }

  /// A tensor over the storage 0 of `count` floats.
  static func tensor(
    count: Int64 = 6, offset: Int64 = 0, shape: [Int64] = [2, 3], strides: [Int64] = [3, 1],
    type: String = "FloatStorage"
  ) -> [UInt8] {
    let arguments =
      [storage(type, count: long(count)), long(offset), tuple(shape.map(long)), tuple(strides.map(long))]
      + [none, emptyDict]
    return global("torch._utils", "_rebuild_tensor_v2") + tuple(arguments) + reduce
  }
}

/// A PyTorch checkpoint around a pickle, with one storage, 0, of the floats 0 to 5.
func checkpoint(_ pickle: [UInt8]) -> [UInt8] {
  let floats = (0..<6).flatMap { bytes(Float($0).bitPattern) }
  return ZipBuilder([
    .init("archive/data.pkl", [0x80, 2] + pickle + Pickle.stop), .init("archive/data/0", floats),
  ]).bytes
}

/// Makes zip archives, broken ones too.
struct ZipBuilder {
  struct Entry {
    var name: String
    var data: [UInt8]
    var flags: UInt16 = 0
    var method: UInt16 = 0
    var usesZip64 = false
    var localName: String?
    var statedSize: Int?
    var statedOffset: Int?

    init(_ name: String, _ data: [UInt8]) {
      self.name = name
      self.data = data
    }
  }

  var entries: [Entry]
  var usesZip64 = false
  var comment: [UInt8] = []
  var statedCount: Int?
  var disk: UInt16 = 0

  init(_ entries: [Entry]) {
    self.entries = entries
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = entry.statedOffset ?? file.count
      let size = entry.statedSize ?? entry.data.count
      let localName = Array((entry.localName ?? entry.name).utf8)
      file += le(UInt32(0x0403_4B50)) + le(UInt16(20)) + le(entry.flags) + le(entry.method) + le(UInt32(0))
      file += le(UInt32(0)) + le(UInt32(size)) + le(UInt32(size)) + le(UInt16(localName.count)) + le(UInt16(3))
      file += localName + [1, 2, 3] + entry.data
      let wide: [UInt8] =
        entry.usesZip64
        ? le(UInt16(9)) + le(UInt16(1)) + [0] + le(UInt16(1)) + le(UInt16(24)) + le(UInt64(size)) + le(UInt64(size))
          + le(UInt64(offset)) : []
      let narrow = { (value: Int) in entry.usesZip64 ? UInt32.max : UInt32(value) }
      directory += le(UInt32(0x0201_4B50)) + le(UInt16(20)) + le(UInt16(20)) + le(entry.flags) + le(entry.method)
      directory += le(UInt32(0)) + le(UInt32(0)) + le(narrow(size)) + le(narrow(size))
      directory += le(UInt16(entry.name.utf8.count)) + le(UInt16(wide.count)) + le(UInt16(2)) + le(UInt64(0))
      directory += le(narrow(offset)) + Array(entry.name.utf8) + wide + [7, 7]
    }
    let count = statedCount ?? entries.count
    let offset = file.count
    file += directory
    if usesZip64 {
      let record = file.count
      file += le(UInt32(0x0606_4B50)) + le(UInt64(44)) + le(UInt32(0)) + le(UInt32(0)) + le(UInt32(0))
      file += le(UInt64(count)) + le(UInt64(count)) + le(UInt64(directory.count)) + le(UInt64(offset))
      file += le(UInt32(0x0706_4B50)) + le(UInt32(0)) + le(UInt64(record)) + le(UInt32(1))
    }
    let narrow = { (value: Int) in usesZip64 ? UInt32.max : UInt32(value) }
    let narrowCount = usesZip64 ? UInt16.max : UInt16(count)
    file += le(UInt32(0x0605_4B50)) + le(disk) + le(disk) + le(narrowCount) + le(narrowCount)
    return file + le(narrow(directory.count)) + le(narrow(offset)) + le(UInt16(comment.count)) + comment
  }

  private func le(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
}

/// A small generator, the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
