import Networks
import Tensor
import TestSupport

/// A slim Mask R-CNN whose weights are computed as `Fixtures/make_maskrcnn_slim.py` computes them.
struct SlimMaskRCNN {
  /// A line of the layout file.
  struct Entry {
    let key: String
    /// Empty for a scalar, which is an int64.
    let shape: [Int]
    let values: [Float]
  }

  struct LayoutError: Error, CustomStringConvertible {
    let description: String
  }

  /// In the order of the state dict.
  let entries: [Entry]

  /// Reads the text of `maskrcnn-slim-VARIANT.txt` and computes the values; the sum of their bits must be the one of its
  /// first line.
  init(layout: String) throws {
    let lines = layout.split(separator: "\n")
    guard let head = lines.first?.split(separator: " "), head.count == 2, let expected = UInt64(head[1]) else {
      throw LayoutError(description: "the layout does not start with a checksum")
    }
    var generator = SeededGenerator(seed: 1)
    var sum: UInt64 = 0
    entries = try lines.dropFirst().map { line in
      let words = line.split(separator: " ")
      if words.last == "scalar" { return Entry(key: String(words[0]), shape: [], values: [0]) }
      let shape = words[1].split(separator: "x").compactMap { Int($0) }
      let count = shape.reduce(1, *)
      let numbers = words.dropFirst(3).compactMap { Float($0) }
      let values: [Float]
      switch words[2] {
      case "values" where numbers.count == count: values = numbers
      case "uniform" where numbers.count == 2:
        values = (0..<count).map { _ in
          let product = numbers[0] * (Float(generator.next() >> 40) * 0x1p-24 - 0.5)
          return numbers[1] + product
        }
      default: throw LayoutError(description: "not a line of a layout: \(line)")
      }
      for value in values { sum &+= UInt64(value.bitPattern) }
      return Entry(key: String(words[0]), shape: shape, values: values)
    }
    guard sum == expected else {
      throw LayoutError(description: "the weights sum to \(sum), the layout says \(expected)")
    }
  }

  /// The picture of the records, `[height][width][3]`.
  static func picture(height: Int, width: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: 2)
    let rows = (height + 7) / 8
    let columns = (width + 7) / 8
    let blocks = generator.bytes(rows * columns * 3)
    let noise = generator.bytes(height * width * 3)
    return noise.indices.map { index in
      let (pixel, channel) = (index / 3, index % 3)
      let (y, x) = (pixel / width, pixel % width)
      return UInt8((3 * Int(blocks[(y / 8 * columns + x / 8) * 3 + channel]) + Int(noise[index])) / 4)
    }
  }
}

extension SlimMaskRCNN {
  /// The variant's layout, from the fixture.
  init(variant: String) throws {
    try self.init(layout: String(decoding: weightFixtureBytes("maskrcnn-slim-\(variant).txt"), as: UTF8.self))
  }

  /// Writes the weights, after `change`, as safetensors and gives the path.
  func write(
    in folder: ScratchFolder, metadata: [String: String] = [:],
    change: (inout [SafetensorsWriter.Tensor]) -> Void = { _ in }
  ) throws -> String {
    var tensors = entries.filter { !$0.shape.isEmpty }.map {
      SafetensorsWriter.Tensor(name: $0.key, shape: $0.shape, floats: $0.values)
    }
    change(&tensors)
    let path = folder.path + "/slim.safetensors"
    try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
    return path
  }
}

/// What torchvision recorded of a slim model.
struct SlimRecord {
  let file: WeightFile

  init(_ variant: String, _ stage: String) throws {
    file = try WeightFile(path: weightFixture("maskrcnn-slim-\(variant)-\(stage).safetensors"))
  }

  func number(_ key: String) -> Int { file.metadata[key].flatMap { Int($0) } ?? 0 }

  func boxes(_ name: String) throws -> [Box] {
    let values = try file.floats(name)
    return (0..<values.count / 4).map {
      Box(x1: values[4 * $0], y1: values[4 * $0 + 1], x2: values[4 * $0 + 2], y2: values[4 * $0 + 3])
    }
  }
}
