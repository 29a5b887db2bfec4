import Tensor
import TestSupport
import Testing

@testable import Networks

/// The operators of Mask R-CNN against what torchvision's gave on their edges.
@Suite struct TorchvisionOperatorTests {
  private let operators: WeightFile
  private let suppression: WeightFile

  init() throws {
    operators = try WeightFile(path: weightFixture("torchvision-operators.safetensors"))
    suppression = try WeightFile(path: weightFixture("torchvision-suppression.safetensors"))
  }

  private func boxes(_ file: WeightFile, _ name: String) throws -> [Box] {
    let values = try file.floats(name)
    return (0..<values.count / 4).map {
      Box(x1: values[4 * $0], y1: values[4 * $0 + 1], x2: values[4 * $0 + 2], y2: values[4 * $0 + 3])
    }
  }

  @Test func sizesAreTorchvisions() throws {
    let rows = try operators.floats("sizes").map { Int($0) }
    #expect(rows.count == 68 * 6)
    for row in 0..<rows.count / 6 {
      let values = rows[6 * row..<6 * row + 6].map { $0 }
      let image = try Image(
        width: values[1], height: values[0], pixels: Array(repeating: 0, count: values[0] * values[1] * 3))
      let size = ImageTransform(minSize: values[2], maxSize: values[3]).size(of: image)
      if values[4] == 0 {
        #expect(size.width == 0 || size.height == 0, "row \(row)")
      } else {
        #expect(size == (values[5], values[4]), "row \(row)")
      }
    }
  }

  /// What PyTorch 1.13 makes of 0, 1, 0, 1, … with `interpolate(mode="bilinear", align_corners=False)`: its step from one
  /// output to the next is a quotient in single precision, which far to the right is a visible part of a pixel off.
  @Test(
    arguments: [
      (4000, 1333, 1332, 0.000_220_894_81), (3024, 1066, 1065, 0.081_544_876), (3000, 2999, 2997, 0.000_548_422_34),
    ] as [(Int, Int, Int, Float)])
  func positionsAreRoundedAsPyTorchDoes(_ source: Int, _ target: Int, _ index: Int, _ expected: Float) throws {
    try Engine(threads: 1).withWorkspace { workspace in
      let taps = BilinearTaps(from: source, to: target, step: 1, workspace)
      let fraction = taps.fractions[index]
      let (left, right) = (Float(taps.lefts[index] % 2), Float(taps.rights[index] % 2))
      #expect((1 - fraction) * left + fraction * right == expected)
    }
  }

  @Test(arguments: ["offset", "loop"])
  func suppressionKeepsTheSameBoxes(form: String) throws {
    let boxes = try boxes(suppression, form + "_boxes")
    let scores = try suppression.floats(form + "_scores")
    let groups = try suppression.floats(form + "_labels").map { Int($0) }
    let kept = try Engine(threads: 1).withWorkspace { workspace in
      suppressed(boxes, scores: scores, groups: groups, threshold: 0.5, limit: .max, workspace)
    }
    #expect(kept == (try suppression.floats(form + "_kept").map { Int($0) }))
  }

  @Test(arguments: [("decode_1", Float(1), Float(1)), ("decode_10", 10, 5)])
  func boxesAreDecodedAlike(name: String, centre: Float, size: Float) throws {
    let coder = BoxCoder(weights: (centre, centre, size, size))
    let references = try boxes(operators, "decode_boxes")
    let deltas = try operators.floats("decode_deltas")
    for (index, expected) in try boxes(operators, name).enumerated() {
      let found = deltas.withUnsafeBufferPointer { deltas in
        deltas.baseAddress.map { coder.decode($0 + 4 * index, references[index]) }
      }
      let box = try #require(found)
      for (a, b) in [(box.x1, expected.x1), (box.y1, expected.y1), (box.x2, expected.x2), (box.y2, expected.y2)] {
        #expect(abs(a - b) <= Tolerance.Torchvision.decodedBox * max(1, abs(b)), "box \(index)")
      }
    }
  }

  @Test func anchorsAreTorchvisions() throws {
    let expected = try boxes(operators, "anchors_pool")
    let map = Shape(height: 13, width: 21, channels: 1)
    let found = expected.indices.map {
      AnchorGenerator().anchor($0, level: 4, map: map, padded: (width: 1344, height: 800))
    }
    #expect(found == expected)
  }

  @Test(arguments: Engine.availableLevels)
  func regionsArePooledAlike(level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 2)
    let (boxes, levels) = (try boxes(operators, "roi_boxes"), try operators.floats("roi_levels").map { Int($0) })
    for size in [7, 14] {
      let expected = try operators.floats("roi_\(size)")
      let align = try RoIAlign(size: size, samplingRatio: 2, engine: engine)
      engine.withWorkspace { workspace in
        let maps = (0..<4).map { index -> TensorView in
          let shape = Shape(height: 480 >> (index + 2), width: 608 >> (index + 2), channels: 2)
          let map = workspace.arena.tensor(shape)
          var generator = SeededGenerator(seed: UInt64(20 + index))
          for element in 0..<shape.count { map.base[element] = Float(generator.next() >> 40) * 0x1p-24 }
          return map
        }
        let output = workspace.arena.tensor(Shape(batch: boxes.count, height: size, width: size, channels: 2))
        align(
          maps, scales: [0.25, 0.125, 0.0625, 0.03125], boxes: boxes, levels: levels, into: output, workspace)
        for element in 0..<output.shape.count {
          #expect(
            abs(output.base[element] - expected[element]) <= Tolerance.Torchvision.roiAlign,
            "\(size): element \(element)")
        }
      }
    }
  }

  /// Regions one after another in memory, of channels that are no whole vectors, on numbers that bfloat16 holds.
  @Test(
    .enabled(if: Engine.availableLevels.contains(.avx512dot), "skipped: needs AVX-512 BF16"),
    arguments: 1..<7)
  func regionsOfBFloatsArePooledAlike(size: Int) throws {
    let engine = try Engine(threads: 2)
    let channels = edgeSizes(engine.reducedPrecision.lanes)[size]
    let boxes = (0..<13).map { index in
      Box(x1: Float(index), y1: 0, x2: Float(index) + 12, y2: Float(8 + index % 3))
    }
    let align = try RoIAlign(size: 7, samplingRatio: 2, engine: engine)
    engine.withWorkspace { workspace in
      let shape = Shape(height: 20, width: 30, channels: channels)
      let pooled = Shape(batch: boxes.count, height: 7, width: 7, channels: channels)
      let map = workspace.arena.tensor(shape)
      let narrowMap = workspace.arena.tensor(shape, .init(.bfloat16))
      for element in 0..<shape.count {
        map.base[element] = Float(element % 61)
        narrowMap.memory.storeBytes(of: map.base[element].bfloat16, toByteOffset: 2 * element, as: UInt16.self)
      }
      let output = workspace.arena.tensor(pooled)
      let narrow = workspace.arena.tensor(pooled, .init(.bfloat16))
      for (source, target) in [(map, output), (narrowMap, narrow)] {
        align(
          [source], scales: [1], boxes: boxes, levels: boxes.map { _ in 0 }, into: target, workspace)
      }
      for element in 0..<pooled.count {
        let bits = narrow.memory.load(fromByteOffset: 2 * element, as: UInt16.self)
        let (found, expected) = (Float(bitPattern: UInt32(bits) << 16), output.base[element])
        #expect(abs(found - expected) <= abs(expected) * Tolerance.Torchvision.roiAlignOfBFloat16, "element \(element)")
      }
    }
  }

  @Test(arguments: [0, 1, 2, 16, 17, 63, 64, 65, 1000, 5000], [1, 15, 64, 1000])
  func theLargestAreSortedAndComplete(count: Int, limit: Int) {
    var generator = SeededGenerator(seed: UInt64(count * 10_000 + limit))
    // A few dozen different values, so that most tie.
    let values = (0..<count).map { _ in Float(generator.next() >> 58) }
    let found = largest(limit, of: values)
    #expect(found.count == min(limit, count))
    #expect(Set(found).count == found.count)
    #expect(found.map { values[$0] } == Array(values.sorted(by: >).prefix(limit)))
  }

  /// The indices are what `topk` and `sort` of PyTorch 1.13.1 gave for the same values.
  @Test func tiesComeInTheOrderOfPyTorch() {
    let thirds = (0..<40).map { Float($0 % 3) }
    let selected = [
      38, 20, 17, 23, 14, 26, 11, 29, 8, 32, 5, 35, 2, 31, 16, 4, 10, 19, 7, 13, 1, 22, 37, 25, 28, 34, 33, 0, 39, 36,
    ]
    #expect(largest(30, of: thirds) == selected)
    let fifths = (0..<200).map { Float($0 * 7 % 5) }
    #expect(largest(3, of: fifths) == [12, 7, 2])
    let sorted = [
      29, 20, 17, 23, 14, 26, 11, 8, 32, 5, 35, 2, 38, 31, 1, 34, 28, 25, 37, 22, 16, 13, 4, 10, 19, 7, 30, 39, 0, 3,
      36, 6, 33, 9, 12, 27, 15, 24, 18, 21,
    ]
    #expect(unstableFallingOrder(thirds) == sorted)
    #expect(largest(3, of: [.nan, 2, 5, .infinity]) == [0, 3, 2])
  }
}
