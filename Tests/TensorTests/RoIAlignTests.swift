import Scenes
import Tensor
import TestSupport
import Testing

/// RoIAlign against plain code in Double, which follows torchvision's definition.
@Suite struct RoIAlignTests {
  @Test(arguments: Engine.availableLevels, [1, 2, 3, nil] as [Int?])
  func againstDouble(_ level: InstructionSetLevel, _ ratio: Int?) throws {
    let engine = try Engine(level: level, threads: 2)
    let channels = engine.kernels.lanes + 3
    let maps = try [(9, 12), (5, 6)].map { extent in
      let shape = Shape(height: extent.0, width: extent.1, channels: channels)
      var generator = SeededGenerator(seed: 10)
      return try Tensor(shape: shape, values: generator.floats(shape.count))
    }
    let boxes = [
      Box(x1: 0, y1: 0, x2: 48, y2: 36), Box(x1: 3.3, y1: 5.1, x2: 17.9, y2: 30.7),
      Box(x1: -9, y1: -20, x2: 70, y2: 60),
      Box(x1: 40, y1: 30, x2: 41, y2: 30.5), Box(x1: 200, y1: 200, x2: 240, y2: 220), Box(x1: 9, y1: 9, x2: 9, y2: 9),
    ]
    let (scales, levels): ([Float], [Int]) = ([0.25, 0.125], [0, 1, 0, 1, 0, 0])
    for size in [1, 2, 7] {
      for isAligned in [false, true] {
        let align = try RoIAlign(size: size, samplingRatio: ratio, isAligned: isAligned, engine: engine)
        let output = try align(maps, scales: scales, boxes: boxes, levels: levels)
        #expect(output.shape == Shape(batch: boxes.count, height: size, width: size, channels: channels))
        for (index, box) in boxes.enumerated() {
          for bin in 0..<size * size {
            for channel in [0, channels - 1] {
              let expected = reference(
                maps[levels[index]], Double(scales[levels[index]]), box, bin / size, bin % size, channel, size, ratio,
                isAligned)
              let found = Double(output[index, bin / size, bin % size, channel])
              #expect(
                abs(found - expected) <= Tolerance.roiAlign,
                "box \(index), bin \(bin) of \(size), \(isAligned), \(channel)")
            }
          }
        }
        var wide = try Tensor(shape: output.shape.withChannels(channels + 2), repeating: -1)
        try align(maps, scales: scales, boxes: boxes, levels: levels, into: &wide, at: 1)
        #expect(wide.channels(1..<1 + channels) == output.values)
        #expect((wide.channels(0..<1) + wide.channels(1 + channels..<2 + channels)).allSatisfy { $0 == -1 })
      }
    }
  }

  private func reference(
    _ map: Tensor, _ scale: Double, _ box: Box, _ row: Int, _ column: Int, _ channel: Int, _ size: Int, _ ratio: Int?,
    _ isAligned: Bool
  ) -> Double {
    let shift = isAligned ? 0.5 : 0
    let (left, top) = (Double(box.x1) * scale - shift, Double(box.y1) * scale - shift)
    var (width, height) = (Double(box.x2) * scale - shift - left, Double(box.y2) * scale - shift - top)
    if !isAligned { (width, height) = (max(width, 1), max(height, 1)) }
    let (binWidth, binHeight) = (width / Double(size), height / Double(size))
    let columns = ratio ?? Int(binWidth.rounded(.up))
    let rows = ratio ?? Int(binHeight.rounded(.up))
    var sum = 0.0
    for down in 0..<rows {
      for right in 0..<columns {
        let y = top + Double(row) * binHeight + (Double(down) + 0.5) * binHeight / Double(rows)
        let x = left + Double(column) * binWidth + (Double(right) + 0.5) * binWidth / Double(columns)
        sum += sample(map, y, x, channel)
      }
    }
    return sum / Double(max(rows * columns, 1))
  }

  private func sample(_ map: Tensor, _ y: Double, _ x: Double, _ channel: Int) -> Double {
    let (height, width) = (map.shape.height, map.shape.width)
    guard y >= -1, y <= Double(height), x >= -1, x <= Double(width) else { return 0 }
    let (y, x) = (min(max(y, 0), Double(height - 1)), min(max(x, 0), Double(width - 1)))
    let (top, left) = (Int(y), Int(x))
    let (bottom, right) = (min(top + 1, height - 1), min(left + 1, width - 1))
    let (dy, dx) = (y - Double(top), x - Double(left))
    func value(_ row: Int, _ column: Int) -> Double { Double(map[0, row, column, channel]) }
    return (1 - dy) * ((1 - dx) * value(top, left) + dx * value(top, right))
      + dy * ((1 - dx) * value(bottom, left) + dx * value(bottom, right))
  }

  @Test func refused() throws {
    let engine = try Engine(threads: 1)
    #expect(throws: TensorError.invalidParameter("the size of RoIAlign must be 1 to 1024, got 0")) {
      try RoIAlign(size: 0, engine: engine)
    }
    #expect(throws: TensorError.invalidParameter("the sampling ratio of RoIAlign must be 1 to 64, got 65")) {
      try RoIAlign(size: 7, samplingRatio: 65, engine: engine)
    }
    let map = try Tensor(shape: Shape(height: 4, width: 4, channels: 2))
    let box = Box(x1: 0, y1: 0, x2: 1, y2: 1)
    func align(
      _ maps: [Tensor], scales: [Float] = [1], boxes: [Box]? = nil, levels: [Int] = [0]
    ) throws -> Tensor {
      try RoIAlign(size: 2, engine: engine)(maps, scales: scales, boxes: boxes ?? [box], levels: levels)
    }
    #expect(throws: TensorError.invalidShape("RoIAlign needs at least 1 map, got 0")) { try align([]) }
    let other = try Tensor(shape: Shape(batch: 2, height: 4, width: 4, channels: 2))
    #expect(throws: TensorError.invalidShape("RoIAlign needs maps of shape [1, H, W, 2], got [2, 4, 4, 2]")) {
      try align([map, other])
    }
    #expect(
      throws: TensorError.invalidShape("RoIAlign got 1 maps and 2 scales, 1 boxes and 0 levels")
    ) { try align([map], scales: [1, 2], levels: []) }
    #expect(throws: TensorError.self) { try align([map], boxes: [], levels: []) }
    for scale in [0, -1, Float.nan, .infinity] {
      #expect(
        throws: TensorError.invalidParameter("the scales of RoIAlign must be above 0 and finite, got \(scale)")
      ) { try align([map], scales: [scale]) }
    }
    for level in [-1, 1] {
      #expect(throws: TensorError.invalidParameter("the levels of RoIAlign must be 0 to 0, got \(level)")) {
        try align([map], levels: [level])
      }
    }
    for edge in [Float.nan, .infinity, 3e38] {
      let wrong = Box(x1: -edge, y1: 0, x2: edge, y2: 1)
      #expect(throws: TensorError.invalidParameter("the boxes of RoIAlign must be finite, got \(wrong)")) {
        try align([map], boxes: [wrong])
      }
    }
    #expect(throws: TensorError.self) { try align([map], boxes: [Box(x1: 0, y1: 0, x2: 129, y2: 1)]) }
    #expect(try align([map], boxes: [Box(x1: 0, y1: 0, x2: 128, y2: 1)]).values.allSatisfy { $0 == 0 })
  }
}
