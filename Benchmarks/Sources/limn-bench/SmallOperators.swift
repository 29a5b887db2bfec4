import Annotate
import Glibc

/// Times the operators between convolutions, each after a comparison with plain loops.
struct SmallOperators {
  let engine: Engine
  let rounds: Int

  func run() throws {
    try elementwise()
    try reductions()
    try layers()
    try regions()
  }

  private func tensor(_ height: Int, _ width: Int, _ channels: Int) throws -> Tensor {
    let shape = Shape(height: height, width: width, channels: channels)
    return try Tensor(shape: shape, values: pseudorandom(shape.count))
  }

  private func isClose(_ a: Float, _ b: Double) -> Bool { abs(Double(a) - b) <= 1e-5 * max(1, abs(b)) }

  private func elementwise() throws {
    let (a, b) = (try tensor(56, 56, 144), try tensor(56, 56, 144))
    let (x, y) = (a.values, b.values)
    let addition = Addition(activation: .relu6, engine: engine)
    var output = try addition(a, b)
    let sums = zip(x, y).map { (a: Float, b: Float) -> Float in min(max(a + b, 0), 6) }
    try require(output.values == sums, "addition")
    try Timing(rounds: rounds) { try addition(a, b, into: &output) }.report("addition of 56x56, 144 channels, ReLU6")

    let factors = try tensor(1, 1, 144)
    let scaling = ChannelScaling(engine: engine)
    try scaling(a, by: factors, into: &output)
    let s = factors.values
    try require(output.values.indices.allSatisfy { output.values[$0] == x[$0] * s[$0 % 144] }, "channel scaling")
    try Timing(rounds: rounds) { try scaling(a, by: factors, into: &output) }
      .report("channel scaling of 56x56, 144 channels")

    let sigmoid = Sigmoid(engine: engine)
    try sigmoid(a, into: &output)
    try require(zip(output.values, x).allSatisfy { isClose($0, 1 / (1 + exp(-Double($1)))) }, "the sigmoid")
    try Timing(rounds: rounds) { try sigmoid(a, into: &output) }.report("sigmoid of 56x56, 144 channels")

    let concatenation = Concatenation(engine: engine)
    var joined = try concatenation([a, b])
    try require(joined[0, 3, 5, 7] == a[0, 3, 5, 7] && joined[0, 3, 5, 151] == b[0, 3, 5, 7], "concatenation")
    try Timing(rounds: rounds) { try concatenation([a, b], into: &joined) }
      .report("concatenation of two of 56x56, 144 channels")
  }

  private func reductions() throws {
    let input = try tensor(7, 7, 1280)
    let pooling = GlobalAveragePooling(engine: engine)
    var mean = try pooling(input)
    for channel in [0, 17, 1279] {
      let sum = (0..<49).reduce(0.0) { $0 + Double(input[0, $1 / 7, $1 % 7, channel]) }
      try require(isClose(mean[0, 0, 0, channel], sum / 49), "average pooling")
    }
    try Timing(rounds: rounds) { try pooling(input, into: &mean) }.report("average pooling of 7x7, 1280 channels")

    let scores = try tensor(1000, 1, 91)
    let softmax = Softmax(engine: engine)
    var output = try softmax(scores)
    let first = (0..<91).map { exp(Double(scores[0, 0, 0, $0])) }
    try require((0..<91).allSatisfy { isClose(output[0, 0, 0, $0], first[$0] / first.reduce(0, +)) }, "the softmax")
    try Timing(rounds: rounds) { try softmax(scores, into: &output) }.report("softmax of 1000 pixels, 91 channels")
  }

  private func layers() throws {
    let weights = pseudorandom(1000 * 1280)
    let linear = try Linear(inputs: 1280, outputs: 1000, weights: weights, engine: engine)
    let features = try tensor(1, 1, 1280)
    var logits = try linear(features)
    for output in [0, 501, 999] {
      var sum = 0.0
      for input in 0..<1280 { sum += Double(features[0, 0, 0, input]) * Double(weights[output * 1280 + input]) }
      try require(abs(Double(logits[0, 0, 0, output]) - sum) <= 1e-3, "the fully connected layer")
    }
    try Timing(rounds: rounds) { try linear(features, into: &logits) }.report("fully connected 1280 -> 1000, 1 pixel")

    let kernel = pseudorandom(256 * 256 * 4)
    let transposed = try TransposedConvolution(
      .init(inputChannels: 256, outputChannels: 256, kernel: 2, stride: 2), weights: kernel, engine: engine)
    let map = try tensor(14, 14, 256)
    var upsampled = try transposed(map)
    for (y, x, output) in [(0, 0, 0), (13, 6, 101), (27, 27, 255)] {
      var sum = 0.0
      for input in 0..<256 {
        let weight = kernel[(input * 256 + output) * 4 + y % 2 * 2 + x % 2]
        sum += Double(map[0, y / 2, x / 2, input]) * Double(weight)
      }
      try require(abs(Double(upsampled[0, y, x, output]) - sum) <= 1e-3, "the transposed convolution")
    }
    try Timing(rounds: rounds) { try transposed(map, into: &upsampled) }
      .report("transposed 2x2/2 of 14x14, 256 -> 256")
  }

  private func regions() throws {
    let map = try tensor(100, 136, 256)
    let boxes = (0..<100).map { index -> Box in
      let place = Float(index)
      return Box(x1: place, y1: place / 2, x2: 2 * place + 60, y2: place + 50)
    }
    let levels = [Int](repeating: 0, count: boxes.count)
    let align = try RoIAlign(size: 7, samplingRatio: 2, engine: engine)
    var output = try align([map], scales: [0.25], boxes: boxes, levels: levels)
    // The first box is 15x12.5 pixels of the map; its first bin has samples at 15/28 and 45/28, 12.5/28 and 37.5/28.
    func sample(_ y: Double, _ x: Double) -> Double {
      let (top, left) = (Int(y), Int(x))
      let (dy, dx) = (y - Double(top), x - Double(left))
      func value(_ row: Int, _ column: Int) -> Double { Double(map[0, top + row, left + column, 9]) }
      let upper: Double = (1 - dx) * value(0, 0) + dx * value(0, 1)
      let lower: Double = (1 - dx) * value(1, 0) + dx * value(1, 1)
      return (1 - dy) * upper + dy * lower
    }
    var mean = 0.0
    for y in [12.5 / 28, 37.5 / 28] {
      for x in [15.0 / 28, 45.0 / 28] { mean += sample(y, x) / 4 }
    }
    try require(isClose(output[0, 0, 0, 9], mean), "RoIAlign")
    try Timing(rounds: rounds) { try align([map], scales: [0.25], boxes: boxes, levels: levels, into: &output) }
      .report("RoIAlign of 100 boxes to 7x7, 256 channels")
  }
}
