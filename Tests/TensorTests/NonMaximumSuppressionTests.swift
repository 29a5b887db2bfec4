import Scenes
import Tensor
import TestSupport
import Testing

@Suite struct NonMaximumSuppressionTests {
  @Test(arguments: Engine.availableLevels, 0..<8)
  func asTheNaiveLoop(_ level: InstructionSetLevel, _ index: Int) throws {
    let engine = try Engine(level: level, threads: 1)
    let count = (edgeSizes(engine.kernels.lanes) + [300])[index]
    for seed in 0..<4 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let boxes = (0..<count).map { _ in randomBox(&generator) }
      // Few values, so that there are ties.
      let scores = generator.integers(count, in: 0...Int(max(1, count / 2))).map { $0 / 64 }
      for threshold: Float in [0, 0.3, 0.45, 0.5, 1] {
        let kept = try NonMaximumSuppression(threshold: threshold, engine: engine)(boxes, scores: scores)
        #expect(
          kept == reference(boxes, scores, threshold), "seed \(seed), \(count) boxes, threshold \(threshold)")
      }
    }
  }

  /// Two boxes side by side cover half of their union, two thirds, a quarter: exactly, just below, just above.
  @Test(arguments: Engine.availableLevels)
  func overlapEqualToTheThresholdIsKept(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let whole = Box(x1: 0, y1: 0, x2: 2, y2: 4)
    let half = Box(x1: 0, y1: 0, x2: 1, y2: 4)
    #expect(try suppress([whole, half], 0.5, engine) == [0, 1])
    #expect(try suppress([whole, half], Float(0.5).nextDown, engine) == [0])
    #expect(try suppress([whole, half], Float(0.5).nextUp, engine) == [0, 1])
    let wider = Box(x1: 0, y1: 0, x2: Float(1).nextUp, y2: 4)
    #expect(try suppress([whole, wider], 0.5, engine) == [0])
    let narrower = Box(x1: 0, y1: 0, x2: Float(1).nextDown, y2: 4)
    #expect(try suppress([whole, narrower], 0.5, engine) == [0, 1])
  }

  @Test(arguments: Engine.availableLevels)
  func thresholdOfZeroAndOne(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let box = Box(x1: 1, y1: 1, x2: 3, y2: 3)
    let touching = Box(x1: 3, y1: 1, x2: 5, y2: 3)
    #expect(try suppress([box, touching], 0, engine) == [0, 1])
    #expect(try suppress([box, Box(x1: 2.9, y1: 1, x2: 5, y2: 3)], 0, engine) == [0])
    #expect(try suppress([box, box, box], 1, engine) == [0, 1, 2])
  }

  @Test(arguments: Engine.availableLevels)
  func tiesKeepTheirOrder(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let apart = (0..<40).map { Box(x1: Float($0) * 10, y1: 0, x2: Float($0) * 10 + 5, y2: 5) }
    let scores = (0..<40).map { $0 % 2 == 0 ? Float(0.25) : 0.75 }
    let kept = try NonMaximumSuppression(threshold: 0.5, engine: engine)(apart, scores: scores)
    #expect(kept == Array(stride(from: 1, to: 40, by: 2)) + Array(stride(from: 0, to: 40, by: 2)))
    #expect(try suppress([apart[0], apart[0]], 0.5, engine) == [0])
    #expect(
      try NonMaximumSuppression(threshold: 0.5, engine: engine)([apart[0], apart[0]], scores: [0.5, 0.5]) == [0])
  }

  /// A suppressed box suppresses nothing.
  @Test(arguments: Engine.availableLevels)
  func chain(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let boxes = (0..<5).map { Box(x1: Float($0), y1: 0, x2: Float($0) + 2, y2: 1) }
    #expect(try suppress(boxes, 0.3, engine) == [0, 2, 4])
  }

  @Test(arguments: Engine.availableLevels)
  func limit(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let boxes = (0..<20).map { Box(x1: Float($0) * 10, y1: 0, x2: Float($0) * 10 + 5, y2: 5) }
    for limit in [0, 1, 19, 20, 21, .max] {
      let kept = try NonMaximumSuppression(threshold: 0.5, limit: limit, engine: engine)(
        boxes, scores: .init(repeating: 1, count: 20))
      #expect(kept == Array(0..<min(limit, 20)))
    }
  }

  @Test(arguments: Engine.availableLevels)
  func scoresThatAreNoNumbersComeLast(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let boxes = (0..<6).map { Box(x1: Float($0) * 10, y1: 0, x2: Float($0) * 10 + 5, y2: 5) }
    let kept = try NonMaximumSuppression(threshold: 0.5, engine: engine)(
      boxes, scores: [.nan, 0.1, -.infinity, .nan, .infinity, -1])
    #expect(kept == [4, 1, 5, 2, 0, 3])
    engine.withWorkspace { workspace in
      func order(_ scores: [Float]) -> [Int] { Array(fallingOrder(scores.count, workspace) { scores[$0] }) }
      #expect(order([0, -0.0, 0]) == [0, 1, 2])
      #expect(order([.nan, 1, .nan, 2]) == [3, 1, 0, 2])
      #expect(order([]) == [])
    }
  }

  /// Their overlap is 0 / 0 or NaN: nothing exceeds the threshold.
  @Test(arguments: Engine.availableLevels)
  func degenerateBoxesAreKept(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let point = Box(x1: 1, y1: 1, x2: 1, y2: 1)
    let line = Box(x1: 0, y1: 1, x2: 4, y2: 1)
    let nowhere = Box(x1: .nan, y1: 0, x2: 1, y2: 1)
    let everywhere = Box(x1: -.infinity, y1: -.infinity, x2: .infinity, y2: .infinity)
    for box in [point, line, nowhere, everywhere] {
      #expect(try suppress([box, box], 0, engine) == [0, 1], "\(box)")
    }
    let whole = Box(x1: 0, y1: 0, x2: 4, y2: 4)
    #expect(try suppress([whole, point, line, nowhere, whole], 0.5, engine) == [0, 1, 2, 3])
  }

  @Test func refused() throws {
    let engine = try Engine(threads: 1)
    let box = Box(x1: 0, y1: 0, x2: 1, y2: 1)
    #expect(throws: TensorError.invalidShape("non-maximum suppression got 1 boxes and 2 scores")) {
      try NonMaximumSuppression(threshold: 0.5, engine: engine)([box], scores: [1, 2])
    }
    for threshold in [Float.nan, -0.1, Float(1).nextUp, .infinity] {
      #expect(
        throws: TensorError.invalidParameter("the overlap threshold must be 0 to 1, got \(threshold)")
      ) { try NonMaximumSuppression(threshold: threshold, engine: engine) }
    }
    #expect(throws: TensorError.invalidParameter("the limit of kept boxes must be at least 0, got -1")) {
      try NonMaximumSuppression(threshold: 0.5, limit: -1, engine: engine)
    }
  }
}

/// Boxes by falling score.
private func suppress(_ boxes: [Box], _ threshold: Float, _ engine: Engine) throws -> [Int] {
  let scores = boxes.indices.map { 1 - Float($0) / 64 }
  return try NonMaximumSuppression(threshold: threshold, engine: engine)(boxes, scores: scores)
}

private func randomBox(_ generator: inout SeededGenerator) -> Box {
  let corner = generator.integers(2, in: 0...60)
  let size = generator.integers(2, in: 0...30)
  return Box(x1: corner[0], y1: corner[1], x2: corner[0] + size[0], y2: corner[1] + size[1])
}

private func reference(_ boxes: [Box], _ scores: [Float], _ threshold: Float) -> [Int] {
  var rest = Array(boxes.indices)
  var kept: [Int] = []
  while let best = rest.max(by: { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) }) {
    kept.append(best)
    let a = boxes[best]
    rest.removeAll { index in
      let b = boxes[index]
      let intersection = max(0, min(a.x2, b.x2) - max(a.x1, b.x1)) * max(0, min(a.y2, b.y2) - max(a.y1, b.y1))
      return index == best || intersection / (a.area + b.area - intersection) > threshold
    }
  }
  return kept
}
