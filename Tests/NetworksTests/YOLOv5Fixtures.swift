import Foundation
import Tensor
import TensorTestSupport
import TestSupport

@testable import Networks

/// A slim YOLOv5 that `Fixtures/make_yolov5_slim.py` wrote.
enum SlimYOLOv5: String, CaseIterable {
  /// Layout of release 6.1, names as a list, half precision, 2 classes.
  case fp16
  /// Layout of release 7.0, names as a dictionary, single precision, 3 classes.
  case fp32

  var path: String { weightFixture("yolov5_slim_\(rawValue).pt") }
  var names: [String] { self == .fp16 ? ["bolt", "nut"] : ["red coin", "blaue Münze", "貨幣"] }

  /// The tensors of `fp16` as a plain state dict.
  static let stateDict = weightFixture("yolov5_slim_state_dict.pth")

  static func reference() throws -> WeightFile {
    try WeightFile(path: weightFixture("yolov5_slim_reference.safetensors"))
  }

  /// A recorded picture: `picture`, 96x64, or `odd`, 49x75.
  static func picture(_ name: String = "picture") throws -> Image {
    try image(name, in: reference())
  }

  /// The picture `picture` as the network's input.
  static func input() throws -> Tensor { try tensor(picture()) }

  /// PyTorch's output for `picture` in double precision, rounded, `[P, 5 + classes]`.
  var output: [Float] {
    get throws { try Self.reference().floats("\(rawValue).output") }
  }
}

/// A picture stored as `U8`, `[height, width, 3]`.
func image(_ name: String, in file: WeightFile) throws -> Image {
  let shape = file.entry(name)?.shape ?? []
  guard shape.count == 3, shape[2] == 3 else { throw WeightFileError.missing(path: file.path, key: name) }
  return try Image(width: shape[1], height: shape[0], pixels: file.bytes(name))
}

/// A picture as the network's input, without letterbox.
func tensor(_ image: Image) throws -> Tensor {
  try Tensor(
    shape: Shape(height: image.height, width: image.width, channels: 3), values: image.pixels.map { Float($0) / 255 })
}

/// The largest differences between two raw outputs of `5 + classes` values a prediction: of boxes, relative to the
/// longer side or 1 pixel, and of scores; infinite where the counts differ or a value is no number.
func difference(_ output: [Float], from expected: [Float], classes: Int) -> (box: Float, score: Float) {
  let values = 5 + classes
  guard output.count == expected.count, expected.count % values == 0 else { return (.infinity, .infinity) }
  var worst = (box: Float(0), score: Float(0))
  for start in stride(from: 0, to: expected.count, by: values) {
    let size = max(1, expected[start + 2], expected[start + 3])
    for index in 0..<values {
      let distance = abs(output[start + index] - expected[start + index])
      guard distance.isFinite else { return (.infinity, .infinity) }
      if index < 4 { worst.box = max(worst.box, distance / size) } else { worst.score = max(worst.score, distance) }
    }
  }
  return worst
}

extension ScratchFolder {
  func file(_ name: String) -> String { path + "/" + name }

  /// A copy of a fixture in which every `old`, or the first few, is `new`, of the same length; throws where there is
  /// none.
  func patched(_ fixture: String, _ old: [UInt8], _ new: [UInt8], limit: Int = .max) throws -> String {
    var data = try Data(contentsOf: URL(fileURLWithPath: fixture))
    var found = 0
    while found < limit, let range = data.range(of: Data(old)), old.count == new.count, old != new {
      data.replaceSubrange(range, with: new)
      found += 1
    }
    guard found > 0 else { throw CocoaError(.fileReadCorruptFile) }
    let path = file("patched-\(UUID().uuidString).pt")
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }

  func patched(_ fixture: String, _ old: String, _ new: String) throws -> String {
    try patched(fixture, Array(old.utf8), Array(new.utf8))
  }

  /// The tensors of a fixture as safetensors, after `edit`.
  func rewritten(
    _ fixture: String = SlimYOLOv5.stateDict, metadata: [String: String] = [:],
    _ edit: (inout [SafetensorsWriter.Tensor]) -> Void = { _ in }
  ) throws -> String {
    let source = try WeightFile(path: fixture)
    var tensors = try source.entries.map {
      SafetensorsWriter.Tensor(name: $0.name, dtype: $0.dtype, shape: $0.shape, bytes: try source.bytes($0.name))
    }
    edit(&tensors)
    let path = file("rewritten-\(UUID().uuidString).safetensors")
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    return path
  }
}

extension [SafetensorsWriter.Tensor] {
  /// Replaces the tensor `name` by one of F32, filled with `value`, or of those floats.
  mutating func replace(_ name: String, shape: [Int], floats: [Float]) {
    guard let index = firstIndex(where: { $0.name == name }) else { return }
    self[index] = SafetensorsWriter.Tensor(name: name, shape: shape, floats: floats)
  }

  mutating func remove(_ name: String) {
    removeAll { $0.name == name }
  }
}

/// The sentence with which a weight file is refused, its path as FILE; nil where it loads.
func refusalOfYOLOv5(_ path: String) throws -> String? {
  do {
    _ = try YOLOv5(weights: path, engine: Engine(threads: 1))
    return nil
  } catch let error as WeightFileError {
    return error.description.replacing(path, with: "FILE")
  }
}
