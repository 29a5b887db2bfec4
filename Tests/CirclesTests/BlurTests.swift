import Circles
import Tensor
import TestSupport
import Testing

@Suite struct BlurTests {
  /// By sorting, on every size around the lengths of vectors.
  @Test(arguments: Engine.availableLevels, [3, 5])
  func medians(_ level: InstructionSetLevel, _ size: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    var generator = SeededGenerator(seed: 4)
    for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3), (15, 40), (16, 33), (17, 5), (65, 7)] {
      let image = try GrayImage(width: width, height: height, pixels: generator.bytes(width * height))
      let filtered = try MedianBlur(size: size)(image, engine: engine)
      for index in 0..<width * height {
        let (x, y) = (index % width, index / width)
        let values = (0..<size * size).map { tap in
          let column = min(max(x + tap % size - size / 2, 0), width - 1)
          let row = min(max(y + tap / size - size / 2, 0), height - 1)
          return image.pixels[row * width + column]
        }
        #expect(filtered.pixels[index] == values.sorted()[size * size / 2], "\(width)x\(height) at \(x), \(y)")
      }
    }
  }

  /// By the definition in whole numbers, on pictures smaller than the kernel too.
  @Test(arguments: Engine.availableLevels, [(1, [256]), (3, [64, 128, 64]), (5, [16, 64, 96, 64, 16])])
  func gaussians(_ level: InstructionSetLevel, _ kernel: (size: Int, weights: [Int])) throws {
    let engine = try Engine(level: level, threads: 2)
    var generator = SeededGenerator(seed: 5)
    func mirrored(_ index: Int, _ count: Int) -> Int {
      if count == 1 { return 0 }
      let period = 2 * count - 2
      let place = ((index % period) + period) % period
      return place < count ? place : period - place
    }
    for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 2), (2, 3), (15, 70), (16, 3), (65, 7), (130, 5)] {
      let image = try GrayImage(width: width, height: height, pixels: generator.bytes(width * height))
      let blurred = try GaussianBlur(size: kernel.size)(image, engine: engine)
      for index in 0..<width * height {
        let (x, y) = (index % width, index / width)
        var sum = 1 << 15
        for (row, down) in kernel.weights.enumerated() {
          for (column, across) in kernel.weights.enumerated() {
            let sample = image.pixels[
              mirrored(y + row - kernel.size / 2, height) * width + mirrored(x + column - kernel.size / 2, width)]
            sum += down * across * Int(sample)
          }
        }
        #expect(Int(blurred.pixels[index]) == sum >> 16, "\(width)x\(height) at \(x), \(y)")
      }
    }
  }

  @Test func sizesOutOfRange() {
    for size in [0, -1, 2, 8, 32, 33] {
      #expect(throws: SceneError.invalidParameter("the size of a Gaussian blur must be odd, 1 to 31, got \(size)")) {
        try GaussianBlur(size: size)
      }
      #expect(throws: SceneError.invalidParameter("the size of a median blur must be 3 or 5, got \(size)")) {
        try MedianBlur(size: size)
      }
    }
    for sigma in [-1, Double.nan, .infinity] {
      #expect(throws: SceneError.self) { try Blur.gaussian(size: 3, sigma: sigma).validate() }
    }
  }
}
