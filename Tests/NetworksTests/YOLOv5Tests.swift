import AllocationCount
import Tensor
import TensorTestSupport
import TestSupport
import Testing

@testable import Networks

struct YOLOv5Tests {
  /// The two highest levels at least, and every count of threads.
  static let engines: [(InstructionSetLevel, Int)] = Engine.availableLevels.flatMap { level in
    [1, 2, 3].map { (level, $0) }
  }

  @Test(arguments: SlimYOLOv5.allCases, Engine.availableLevels)
  func equalsPyTorch(_ network: SlimYOLOv5, level: InstructionSetLevel) throws {
    let input = try SlimYOLOv5.input()
    let expected = try network.output
    var first: [Float]?
    for threads in 1...3 {
      let model = try YOLOv5(weights: network.path, engine: Engine(level: level, threads: threads))
      let output = try model.predict(input)
      #expect(output.shape == Shape(height: 1, width: 378, channels: 5 + network.names.count))
      let (box, score) = difference(output.values, from: expected, classes: network.names.count)
      #expect(box <= Tolerance.YOLOv5.box)
      #expect(score <= Tolerance.YOLOv5.score)
      #expect(output.values == first ?? output.values, "\(threads) threads give other bits than 1")
      first = output.values
    }
  }

  @Test func stateDictGivesTheSameBits() throws {
    let engine = try Engine(threads: 1)
    let input = try SlimYOLOv5.input()
    let checkpoint = try YOLOv5(weights: SlimYOLOv5.fp16.path, engine: engine)
    let plain = try YOLOv5(weights: SlimYOLOv5.stateDict, engine: engine)
    #expect(try plain.predict(input).values == checkpoint.predict(input).values)
    #expect(plain.labels == ["class 0", "class 1"])
  }

  @Test func batchEqualsSinglePictures() throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 2))
    let first = try SlimYOLOv5.input()
    let second = Array(first.values.reversed())
    let both = try Tensor(shape: Shape(batch: 2, height: 64, width: 96, channels: 3), values: first.values + second)
    let single = try Tensor(shape: first.shape, values: second)
    let output = try model.predict(both)
    #expect(output.shape.batch == 2)
    #expect(output.values == (try model.predict(first).values + model.predict(single).values))
  }

  @Test(arguments: [
    Shape(height: 64, width: 96, channels: 4), Shape(height: 64, width: 96, channels: 1),
    Shape(height: 33, width: 96, channels: 3), Shape(height: 64, width: 16, channels: 3),
  ])
  func refusesInput(_ shape: Shape) throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 1))
    let input = try Tensor(shape: shape)
    #expect(
      throws: TensorError.invalidShape(
        "YOLOv5 needs an input [N, H, W, 3] with H and W multiples of 32, got \(shape)")
    ) { try model.predict(input) }
  }

  @Test func refusesOutput() throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 1))
    let input = try Tensor(shape: Shape(height: 32, width: 32, channels: 3))
    var output = try Tensor(shape: Shape(height: 1, width: 62, channels: 8))
    #expect(
      throws: TensorError.invalidShape(
        "YOLOv5 makes an output of shape \(Shape(height: 1, width: 63, channels: 8)) from an input \(input.shape), got "
          + "\(output.shape)")
    ) { try model.predict(input, into: &output) }
  }

  @Test func smallestInput() throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 2))
    let output = try model.predict(Tensor(shape: Shape(height: 32, width: 32, channels: 3)))
    #expect(output.shape == Shape(height: 1, width: 63, channels: 8))
    #expect(output.values.allSatisfy { $0.isFinite })
  }

  @Test func refusesOptions() throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 1))
    let picture = try SlimYOLOv5.picture()
    let confidence = "the confidence must be 0 to 1, got "
    let iou = "the IoU threshold must be 0 to 1, got "
    let count = "the number of detections per image must be at least 1, got "
    let classes = "class "
    let size = "the size must be a multiple of 32 from 32 to 4096, got "
    let cases: [(YOLOv5.Options, String)] = [
      (.init(confidence: -0.01), confidence + "-0.01"), (.init(confidence: 1.5), confidence + "1.5"),
      (.init(confidence: .nan), confidence + "nan"), (.init(iou: -0.01), iou + "-0.01"),
      (.init(iou: 1.01), iou + "1.01"), (.init(iou: .nan), iou + "nan"),
      (.init(maxDetections: -1), count + "-1"), (.init(maxDetections: 0), count + "0"),
      (.init(classes: [0, 7]), classes + "7 is not one of the 3 classes, 0 to 2"),
      (.init(classes: [-1]), classes + "-1 is not one of the 3 classes, 0 to 2"),
      (.init(size: 0), size + "0"), (.init(size: -32), size + "-32"), (.init(size: 48), size + "48"),
      (.init(size: 8224), size + "8224"),
    ]
    for (options, sentence) in cases {
      #expect(throws: SceneError.invalidParameter(sentence)) { try model.detect(picture, options: options) }
    }
    try YOLOv5.Options(confidence: 0, iou: 0, maxDetections: 1, size: 32).validate()
    try YOLOv5.Options(confidence: 1, iou: 1, maxDetections: .max, size: 4096).validate()
  }

  /// Besides what it returns, a detection of the same shape takes closures and the like, and no map. The maps here have
  /// up to 400 KB, an image 11 KB.
  @Test(.enabled(if: allocation_count_is_available(), "allocations cannot be counted under a sanitizer"))
  func secondDetectionTakesNoMap() throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp16.path, engine: Engine(threads: 2))
    let picture = try SlimYOLOv5.picture("odd")
    let options = YOLOv5.Options(size: 640)
    func detect() throws -> (detections: [Detection], allocations: AllocationCount) {
      allocation_count_begin_thread()
      defer { _ = allocation_count_end_thread() }
      let detections = try model.detect(picture, options: options)
      return (detections, allocation_count_end_thread())
    }
    let first = try detect()
    let second = try detect()
    #expect(second.detections == first.detections)
    #expect(first.allocations.largest > 1 << 20, "the first makes the arena")
    let answer = MemoryLayout<Detection>.stride * 2 * (first.detections.count + 1)
    #expect(second.allocations.largest < 1024 + answer)
  }

  @Test func tasksShareADetector() async throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 2))
    let pictures = [try SlimYOLOv5.picture(), try SlimYOLOv5.picture("odd")]
    let options = YOLOv5.Options(confidence: 0.1, size: 160)
    let expected = try pictures.map { try model.detect($0, options: options) }
    #expect(expected.allSatisfy { !$0.isEmpty })
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<4 {
        group.addTask {
          try (0..<5).allSatisfy { round in
            let index = (task + round) % 2
            return try model.detect(pictures[index], options: options) == expected[index]
          }
        }
      }
      for try await isEqual in group { #expect(isEqual) }
    }
  }

  @Test(arguments: [(1, 1), (1, 400), (400, 1), (2, 3), (31, 33)])
  func detectionsLieInsideExtremePictures(width: Int, height: Int) throws {
    let model = try YOLOv5(weights: SlimYOLOv5.fp32.path, engine: Engine(threads: 1))
    let picture = try Image(
      width: width, height: height, pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * 37) })
    for square in [false, true] {
      let found = try model.detect(picture, options: .init(confidence: 0.01, iou: 1, size: 96, square: square))
      #expect(!found.isEmpty)
      for box in found.map(\.box) {
        #expect(box.x1 >= 0 && box.y1 >= 0 && box.x1 <= box.x2 && box.y1 <= box.y2)
        #expect(box.x2 <= Float(width) && box.y2 <= Float(height))
      }
    }
  }
}
