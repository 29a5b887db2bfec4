import Foundation
import TestSupport
import Testing

@testable import Networks

@Suite struct SafetensorsWriterTests {
  @Test func whatIsWrittenIsRead() throws {
    let folder = try ScratchFolder()
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
    #expect(try folder.files() == ["out.safetensors"])
  }

  @Test func theSameInputGivesTheSameBytes() throws {
    let folder = try ScratchFolder()
    let metadata = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key \($0)", "\($0)") })
    for name in ["a", "b"] {
      try SafetensorsWriter.write(
        [.init(name: "x", shape: [1], floats: [1])], metadata: metadata, to: "\(folder.path)/\(name)")
    }
    let written = try ["a", "b"].map { try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)")) }
    #expect(written[0] == written[1])
    #expect((written[0].count - 4) % 8 == 0)
  }

  /// Tensors are asked for once each, in the order of the file, when the one before is written.
  @Test func tensorsAreAskedForOneByOne() throws {
    let folder = try ScratchFolder()
    let tensors = [
      SafetensorsWriter.Tensor(name: "half", dtype: .float16, shape: [2], bytes: [1, 2, 3, 4]),
      SafetensorsWriter.Tensor(name: "x", shape: [1], floats: [1]),
      SafetensorsWriter.Tensor(name: "y", shape: [1], floats: [2]),
    ]
    try SafetensorsWriter.write(tensors, metadata: ["a": "b"], to: folder.file("whole"))
    var order: [Int] = []
    try SafetensorsWriter.write(
      tensors.map { .init(name: $0.name, dtype: $0.dtype, shape: $0.shape) }, metadata: ["a": "b"],
      to: folder.file("streamed")
    ) { index in
      order.append(index)
      return tensors[index].bytes
    }
    #expect(order == [1, 2, 0])
    let written = try ["whole", "streamed"].map { try Data(contentsOf: URL(fileURLWithPath: folder.file($0))) }
    #expect(written[0] == written[1])
  }

  @Test func aTensorThatCannotBeReadLeavesNothing() throws {
    let folder = try ScratchFolder()
    let missing = WeightFileError.missing(path: "w", key: "a")
    #expect(throws: missing) {
      try SafetensorsWriter.write(
        [.init(name: "a", dtype: .uint8, shape: [1])], metadata: [:], to: folder.file("out")
      ) { (_) throws(WeightFileError) in throw missing }
    }
    #expect(try folder.files() == [])
  }

  @Test func aFileWithoutTensorsIsReadable() throws {
    let folder = try ScratchFolder()
    try SafetensorsWriter.write([], to: folder.path + "/none")
    #expect(try WeightFile(path: folder.path + "/none").entries.isEmpty)
  }

  @Test(
    arguments: [
      ([("a", [1], 4), ("a", [1], 4)], "two tensors have the name “a”, or it is reserved"),
      ([("__metadata__", [1], 4)], "the name “__metadata__”, or it is reserved"),
      ([("a", [2], 4)], "“a” has 4 bytes, but F32 of shape [2] takes 8"), ([("a", [-1], 4)], "is impossible"),
      ([("a", [Int.max, 4], 0)], "is impossible"),
    ] as [([(String, [Int], Int)], String)])
  func contradictionsAreRefusedAndNothingIsWritten(tensors: [(String, [Int], Int)], sentence: String) throws {
    let folder = try ScratchFolder()
    let path = try folder.write([7], to: "out")
    let error = #expect(throws: WeightFileError.self) {
      try SafetensorsWriter.write(
        tensors.map { .init(name: $0.0, dtype: .float32, shape: $0.1, bytes: .init(repeating: 0, count: $0.2)) },
        to: path)
    }
    #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([7]))
    #expect(try folder.files() == ["out"])
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    let folder = try ScratchFolder()
    for (path, reason) in [
      (folder.path + "/no/out", "there is no folder \(folder.path)/no"),
      (folder.path, "Is a directory"),
      ("/dev/null", "it exists and is not a regular file"),
    ] {
      #expect(throws: WeightFileError.cannotWrite(path: path, reason: reason)) {
        try SafetensorsWriter.write([], to: path)
      }
    }
    #expect(try folder.files() == [])
  }
}
