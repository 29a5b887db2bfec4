import Foundation
import TestSupport

@testable import Networks

/// The path of a file in `Fixtures`.
func weightFixture(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
}

/// The bytes of a file in `Fixtures`.
func weightFixtureBytes(_ name: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: weightFixture(name))))
}

/// The folder of real weights in the shared data; nil where there is none.
let realWeights = SharedData.path("weights")

/// The sentence with which opening `bytes` as a weight file fails, without the path; nil where it succeeds.
func refusal(of bytes: [UInt8]) throws -> String? {
  let folder = try ScratchFolder()
  let path = try folder.write(bytes)
  do {
    _ = try WeightFile(path: path)
    return nil
  } catch {
    return error.description.replacingOccurrences(of: path, with: "FILE")
  }
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

  static func list(_ items: [[UInt8]]) -> [UInt8] { mark + items.joined() + [0x6C] }

  /// A module, by default of class `models.Block`, with the given parts.
  static func module(
    _ modules: [(String, [UInt8])] = [], _ more: [(String, [UInt8])] = [], of type: String = "models.Block",
    parameters: [(String, [UInt8])] = []
  ) -> [UInt8] {
    let name = type.split(separator: ".").map(String.init)
    let state = [("_parameters", dict(parameters)), ("_buffers", emptyDict), ("_modules", dict(modules))] + more
    return global(name.dropLast().joined(separator: "."), name.last ?? "") + emptyTuple + newObject + dict(state)
      + build
  }

  /// The call `getattr(owner, name)`.
  static func attribute(_ name: String, of owner: [UInt8]) -> [UInt8] {
    global("__builtin__", "getattr") + tuple([owner, string(name)]) + reduce
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

/// A PyTorch checkpoint of the tensors of a weight file: `pickle` gets their state dict, each name behind `prefix`.
func checkpoint(
  of file: WeightFile, prefix: String = "", _ pickle: (_ states: [UInt8]) -> [UInt8] = { $0 }
) throws -> [UInt8] {
  var members: [(String, [UInt8])] = []
  var storages: [ZipBuilder.Entry] = []
  for (index, entry) in file.entries.enumerated() where entry.dtype.readsAsFloats {
    let type = [.float16: "HalfStorage", .float32: "FloatStorage"][entry.dtype] ?? "DoubleStorage"
    let shape = entry.shape.map { Pickle.long(Int64($0)) }
    let strides = entry.shape.indices.map { Pickle.long(Int64(entry.shape[($0 + 1)...].reduce(1, *))) }
    let count = Pickle.long(Int64(entry.shape.reduce(1, *)))
    let storage = Pickle.storage(type, key: "\(index)", count: count)
    let arguments = [
      storage, Pickle.long(0), Pickle.tuple(shape), Pickle.tuple(strides), Pickle.none, Pickle.emptyDict,
    ]
    members.append(
      (
        prefix + entry.name,
        Pickle.global("torch._utils", "_rebuild_tensor_v2") + Pickle.tuple(arguments) + Pickle.reduce
      ))
    storages.append(.init("archive/data/\(index)", try file.bytes(entry.name)))
  }
  let root = [0x80, 2] + pickle(Pickle.dict(members)) + Pickle.stop
  return ZipBuilder([.init("archive/data.pkl", root)] + storages).bytes
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
