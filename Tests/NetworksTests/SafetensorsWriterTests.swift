import Foundation
import Testing

@testable import Networks

@Suite struct SafetensorsWriterTests {
  @Test func whatIsWrittenIsRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/out.safetensors"
    let metadata = ["z": "", "a\"\\\n\u{1}": "板栗 é 😀"]
    try SafetensorsWriter.write(
      [
        .init(name: "odd", dtype: .uint8, shape: [3], bytes: [1, 2, 3]),
        .init(name: "x", shape: [2, 1], floats: [1.5, -0.0]),
        .init(name: "empty", dtype: .int64, shape: [0], bytes: []),
        .init(name: "half", dtype: .float16, shape: [], bytes: [0, 0x3C]),
      ], metadata: metadata, to: path)
    let file = try WeightFile(path: path)
    #expect(file.entries.map(\.name) == ["odd", "x", "empty", "half"])
    #expect(file.metadata == metadata)
    #expect(try file.floats("x").map(\.bitPattern) == [Float(1.5).bitPattern, Float(-0.0).bitPattern])
    #expect(try file.floats("half") == [1])
    #expect(try file.bytes("odd") == [1, 2, 3])
    for entry in file.entries { #expect(entry.tensor.byteOffset % entry.dtype.byteCount == 0, "\(entry.name)") }
    #expect(try folder.contents == ["out.safetensors"])
  }

  @Test func theSameInputGivesTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let metadata = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key \($0)", "\($0)") })
    for name in ["a", "b"] {
      try SafetensorsWriter.write(
        [.init(name: "x", shape: [1], floats: [1])], metadata: metadata, to: "\(folder.path)/\(name)")
    }
    let written = try ["a", "b"].map { try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)")) }
    #expect(written[0] == written[1])
    #expect((written[0].count - 4) % 8 == 0)
  }

  @Test func aFileWithoutTensorsIsReadable() throws {
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write([], to: folder.path + "/none")
    #expect(try WeightFile(path: folder.path + "/none").entries.isEmpty)
  }

  @Test(
    arguments: [
      ([("a", [1], 4), ("a", [1], 4)], "the name “a” is taken"),
      ([("__metadata__", [1], 4)], "“__metadata__” is taken"),
      ([("a", [2], 4)], "“a” has 4 bytes, but F32 of shape [2] takes 8"), ([("a", [-1], 4)], "is impossible"),
      ([("a", [Int.max, 4], 0)], "is impossible"),
    ] as [([(String, [Int], Int)], String)])
  func contradictionsAreRefusedAndNothingIsWritten(tensors: [(String, [Int], Int)], sentence: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([7], to: "out")
    let error = #expect(throws: WeightFileError.self) {
      try SafetensorsWriter.write(
        tensors.map { .init(name: $0.0, dtype: .float32, shape: $0.1, bytes: .init(repeating: 0, count: $0.2)) },
        to: path)
    }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([7]))
    #expect(try folder.contents == ["out"])
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    let folder = try TemporaryFolder()
    for (path, reason) in [
      (folder.path + "/no/out", "No such file or directory"),
      (folder.path, "something is there that is not a regular file"),
      ("/dev/null", "something is there that is not a regular file"),
    ] {
      #expect(throws: WeightFileError.cannotWrite(path: path, reason: reason)) {
        try SafetensorsWriter.write([], to: path)
      }
    }
    #expect(try folder.contents == [])
  }
}
