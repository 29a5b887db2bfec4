import Networks
import Tensor
import TestSupport
import Testing

/// Several pictures at once give what each gives alone, to the bit.
@Suite struct BatchTests {
  /// Pictures of several sizes, so that no two calls work in the same shapes.
  private func pictures(_ count: Int) throws -> [Image] {
    var random = SeededGenerator(seed: 5)
    return try (0..<count).map { number in
      let (width, height) = (64 + 40 * (number % 3), 64 + 24 * (number % 2))
      return try Image(width: width, height: height, pixels: random.bytes(width * height * 3))
    }
  }

  @Test(arguments: [1, 2, 3], Engine.availableLevels)
  func ofYOLOv5(_ threads: Int, _ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: threads)
    let detector = try YOLOv5(weights: WeightFile(embedded: .yolov5), engine: engine)
    let options = YOLOv5.Options(confidence: 0.01, size: 128)
    for count in [0, 1, 2, 5] {
      let images = try pictures(count)
      let found = try detector.detect(images, options: options)
      #expect(try found == images.map { try detector.detect($0, options: options) })
    }
    #expect(try detector.detect(pictures(4), options: options).contains { !$0.isEmpty })
  }

  @Test func ofMaskRCNN() throws {
    let engine = try Engine(threads: 2)
    let detector = try MaskRCNN(weights: WeightFile(embedded: .maskRCNN), engine: engine)
    let options = MaskRCNN.Options(confidence: 0.01, minSize: 96, maxSize: 128)
    let images = try pictures(3)
    let found = try detector.detect(images, options: options)
    #expect(try found == images.map { try detector.detect($0, options: options) })
    #expect(found.contains { !$0.isEmpty })
  }

  @Test func optionsAreCheckedWithoutPictures() throws {
    let reason = SceneError.invalidParameter("the confidence must be 0 to 1, got 2.0")
    #expect(throws: reason) { try YOLOv5().detect([], options: .init(confidence: 2)) }
    #expect(throws: reason) { try MaskRCNN().detect([], options: .init(confidence: 2)) }
  }

  /// A batch of no pictures is no tensor.
  @Test func aTensorOfNoPictures() {
    #expect(
      throws: TensorError.invalidShape(
        "a tensor must have extents of at least 1 and at most 2^32 elements, got [0, 32, 32, 3]")
    ) { try YOLOv5().predict(Tensor(shape: Shape(batch: 0, height: 32, width: 32, channels: 3))) }
  }
}
