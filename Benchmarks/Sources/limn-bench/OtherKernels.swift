import Annotate
import ArgumentParser
import Glibc

/// Times what is no convolution, each after a comparison with plain loops.
struct OtherKernels {
  let engine: Engine
  let rounds: Int

  func run() throws {
    try decoding()
    try resizing()
    try suppression()
    try pooling()
    try upsampling()
    try product()
    try SmallOperators(engine: engine, rounds: rounds).run()
    try DepthwiseLayers(engine: engine, rounds: rounds).run()
  }

  private func report(_ name: String, _ body: () throws -> Void) throws {
    try Timing(rounds: rounds, body).report(name)
  }

  private func smoothPicture(_ width: Int, _ height: Int) throws -> Image {
    let pixels = (0..<width * height * 3).map { index in
      let (x, y) = (Double(index / 3 % width), Double(index / 3 / width))
      return UInt8(128 + 60 * sin(x / 40 + Double(index % 3)) + 60 * cos(y / 30))
    }
    return try Image(width: width, height: height, pixels: pixels)
  }

  private func decoding() throws {
    let image = try smoothPicture(640, 480)
    let bytes = try ImageFile.encodeJPEG(image, quality: 95)
    let decoded = try ImageFile.decode(bytes: bytes)
    let largest = zip(image.pixels, decoded.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
    try require(largest <= 8, "decoding JPEG by \(largest) levels, which")
    try report("decoding a JPEG file of 640x480") { _ = try ImageFile.decode(bytes: bytes) }
  }

  private func resizing() throws {
    let image = try smoothPicture(1280, 853)
    let (width, height) = (640, 427)
    let resized = try image.resized(width: width, height: height, engine: engine)
    var largest = 0.0
    for y in 0..<height {
      for x in 0..<width where (x + y) % 7 == 0 {
        for channel in 0..<3 {
          let expected = Self.sample(image, Double(x) + 0.5, Double(y) + 0.5, channel, width, height)
          largest = max(largest, abs(Double(resized.pixels[(y * width + x) * 3 + channel]) - expected))
        }
      }
    }
    try require(largest <= 1, "resizing")
    try report("resizing 1280x853 to 640x427") { _ = try image.resized(width: width, height: height, engine: engine) }
  }

  /// The bilinear sample at a place of the target.
  private static func sample(
    _ image: Image, _ x: Double, _ y: Double, _ channel: Int, _ width: Int, _ height: Int
  ) -> Double {
    let left = min(max(x * Double(image.width) / Double(width) - 0.5, 0), Double(image.width - 1))
    let top = min(max(y * Double(image.height) / Double(height) - 0.5, 0), Double(image.height - 1))
    func pixel(_ row: Int, _ column: Int) -> Double {
      Double(image.pixels[(min(row, image.height - 1) * image.width + min(column, image.width - 1)) * 3 + channel])
    }
    let (row, column) = (Int(top), Int(left))
    let (down, right) = (top - Double(row), left - Double(column))
    return (1 - down) * ((1 - right) * pixel(row, column) + right * pixel(row, column + 1))
      + down * ((1 - right) * pixel(row + 1, column) + right * pixel(row + 1, column + 1))
  }

  private func suppression() throws {
    let suppression = try NonMaximumSuppression(threshold: 0.45, engine: engine)
    let numbers = pseudorandom(5 * 1000).map { ($0 + 1) / 2 }
    let boxes = (0..<1000).map { index in
      let (x, y) = (numbers[5 * index] * 600, numbers[5 * index + 1] * 600)
      return Box(x1: x, y1: y, x2: x + 20 + 80 * numbers[5 * index + 2], y2: y + 20 + 80 * numbers[5 * index + 3])
    }
    let scores = (0..<1000).map { numbers[5 * $0 + 4] }
    let kept = try suppression(boxes, scores: scores)
    var expected: [Int] = []
    for index in boxes.indices.sorted(by: { scores[$0] > scores[$1] }) {
      let overlaps = expected.contains { other in
        let (a, b) = (boxes[other], boxes[index])
        let width = max(0, min(a.x2, b.x2) - max(a.x1, b.x1))
        let shared = width * max(0, min(a.y2, b.y2) - max(a.y1, b.y1))
        return shared / (a.area + b.area - shared) > 0.45
      }
      if !overlaps { expected.append(index) }
    }
    try require(kept == expected, "suppression")
    try report("suppression of 1000 boxes, \(kept.count) kept") {
      _ = try suppression(boxes, scores: scores)
    }
  }

  private func pooling() throws {
    let input = try Tensor(shape: Shape(height: 20, width: 20, channels: 256), values: pseudorandom(400 * 256))
    let pooling = try MaxPooling(size: 5, stride: 1, padding: 2, engine: engine)
    var output = try pooling(input)
    var isRight = true
    for y in 0..<20 {
      for x in 0..<20 {
        for channel in 0..<256 {
          var largest = -Float.infinity
          for row in max(0, y - 2)...min(19, y + 2) {
            for column in max(0, x - 2)...min(19, x + 2) { largest = max(largest, input[0, row, column, channel]) }
          }
          isRight = isRight && output[0, y, x, channel] == largest
        }
      }
    }
    try require(isRight, "max pooling")
    try report("max pooling 5x5 of 20x20, 256 channels") { try pooling(input, into: &output) }
  }

  private func upsampling() throws {
    let input = try Tensor(shape: Shape(height: 40, width: 40, channels: 128), values: pseudorandom(1600 * 128))
    let upsampling = try Upsampling(engine: engine)
    var output = try upsampling(input)
    let isRight = (0..<80).allSatisfy { y in
      (0..<80).allSatisfy { x in output[0, y, x, 77] == input[0, y / 2, x / 2, 77] }
    }
    try require(isRight, "upsampling")
    try report("upsampling of 40x40, 128 channels") { try upsampling(input, into: &output) }
  }

  private func product() throws {
    let (rows, depth, columns) = (256, 1024, 256)
    let left = try Tensor(shape: Shape(height: 1, width: rows, channels: depth), values: pseudorandom(rows * depth))
    let right = try Tensor(
      shape: Shape(height: depth, width: 1, channels: columns), values: pseudorandom(depth * columns))
    for product in [MatrixProduct(engine: engine), try MatrixProduct(engine: ownTiles())] {
      let output = try product(left, right)
      let isRight = (0..<rows).allSatisfy { row in
        let column = row * 7 % columns
        let sum = (0..<depth).reduce(0.0) { $0 + Double(left[0, 0, row, $1]) * Double(right[0, $1, 0, column]) }
        return abs(Double(output[0, 0, row, column]) - sum) < 1e-3
      }
      try require(isRight, "the matrix product")
      let kernel = product.kernel.usesOpenBLAS ? "OpenBLAS" : "own tile"
      try report("matrix product 256x1024x256, \(kernel)") { _ = try product(left, right) }
    }
  }

  private func ownTiles() throws -> Engine {
    try Engine(level: engine.level, threads: engine.threads, usesOpenBLAS: false)
  }
}
