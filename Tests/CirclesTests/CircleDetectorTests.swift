import Circles
import Tensor
import TestSupport
import Testing

@Suite struct CircleDetectorTests {
  private let engine: Engine
  private let detector: CircleDetector

  init() throws {
    engine = try Engine(threads: 1)
    detector = try CircleDetector(label: "disc", engine: engine)
  }

  /// Discs of those centres and a radius of 20, from dark to bright, on a slope.
  private func discs(_ centres: [(x: Int, y: Int)], width: Int = 240, height: Int = 160) throws -> Image {
    let pixels = (0..<width * height).flatMap { index -> [UInt8] in
      let (x, y) = (index % width, index / width)
      let isInside = centres.contains { ($0.x - x) * ($0.x - x) + ($0.y - y) * ($0.y - y) <= 400 }
      return [UInt8](repeating: isInside ? 200 : 40, count: 3)
    }
    return try Image(width: width, height: height, pixels: pixels)
  }

  private static let options = CircleDetector.Options(minDistance: 30, minRadius: 12, maxRadius: 30)

  @Test func discsAreDetectionsByFallingScore() throws {
    // One whole, one cut by the border.
    let found = try detector.detect(discs([(60, 80), (238, 60), (140, 100)]), options: Self.options)
    try #require(found.count >= 3)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
    for detection in found {
      let circle = try #require(detection.circle)
      #expect(detection.label == "disc" && detection.classID == 0 && detection.mask == nil)
      #expect(detection.box == circle.boundingBox.clipped(width: 240, height: 160))
      #expect((0...1).contains(detection.score))
    }
    for (x, y) in [(60, 80), (238, 60), (140, 100)] as [(Float, Float)] {
      #expect(
        found.contains { detection in
          guard let circle = detection.circle else { return false }
          return max(abs(circle.x - x - 0.5), abs(circle.y - y - 0.5), abs(circle.radius - 20))
            <= Tolerance.Circles.several
        }, "\(x), \(y)")
    }
  }

  /// The search itself knows no confidence.
  @Test func aScoreMustExceedTheConfidenceAndAtZeroAllAreKept() throws {
    let picture = try discs([(60, 80), (238, 60), (140, 100)])
    var options = Self.options
    options.votes = 1
    let all = try detector.detect(picture, options: options)
    let search = CircleSearch(
      transform: HoughCircles(minDistance: 30, votes: 1, minRadius: 12, maxRadius: 30),
      blur: .gaussian(size: 9, sigma: 2))
    #expect(try all.count == search(picture, engine: engine).count)
    let middle = all[all.count / 2].score
    options.confidence = middle
    #expect(try detector.detect(picture, options: options) == all.filter { $0.score > middle })
    options.confidence = 1
    #expect(try detector.detect(picture, options: options).isEmpty)
    options.confidence = 0
    options.maxDetections = 2
    #expect(try detector.detect(picture, options: options) == Array(all.prefix(2)))
  }

  @Test func classesChooseAmongOne() throws {
    let picture = try discs([(60, 80)])
    var options = Self.options
    options.classes = [0]
    #expect(try !detector.detect(picture, options: options).isEmpty)
    options.classes = []
    #expect(try detector.detect(picture, options: options).isEmpty)
    options.classes = [0, 1]
    #expect(throws: SceneError.invalidParameter("class 1 is not one of the 1 classes, 0 to 0")) {
      try detector.detect(picture, options: options)
    }
  }

  @Test func optionsOutOfRangeAreRefused() throws {
    let picture = try Image(width: 1, height: 1, pixels: [1, 2, 3])
    func refusal(_ change: (inout CircleDetector.Options) -> Void) -> String? {
      var options = CircleDetector.Options()
      change(&options)
      return #expect(throws: SceneError.self) { try detector.detect(picture, options: options) }?.description
    }
    #expect(refusal { $0.confidence = 1.5 } == "the confidence must be 0 to 1, got 1.5")
    #expect(refusal { $0.maxDetections = 0 } == "the number of detections per image must be at least 1, got 0")
    #expect(refusal { $0.minDistance = 0 } != nil)
    #expect(refusal { $0.blur = .median(size: 4) } == "the size of a median blur must be 3 or 5, got 4")
    #expect(refusal { $0.maxSide = 0 } == "the longest side of the searched image must be at least 1 pixel, got 0")
    #expect(CircleDetector.Options().confidence == 0 && CircleDetector.Options().maxDetections == .max)
  }

  @Test func scalesAreThoseOfTheSearchedCopy() {
    #expect(CircleDetector.scale(width: 4000, height: 3000, maxSide: 1000) == 0.25)
    #expect(CircleDetector.scale(width: 300, height: 4000, maxSide: 1000) == 0.25)
    #expect(CircleDetector.scale(width: 400, height: 300, maxSide: 1000) == 1)
    #expect(CircleDetector.scale(width: 400, height: 300, maxSide: nil) == 1)
  }

  @Test func aCancelledTaskEndsASearch() async throws {
    let images = try (0..<3).map { _ in try discs([(60, 60)]) }
    let detector = try CircleDetector(engine: Engine(threads: 2))
    for count in [1, 3] {
      let task = Task {
        while !Task.isCancelled { await Task.yield() }
        return count == 1 ? [try detector.detect(images[0])] : try detector.detect(images)
      }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
    }
  }

  @Test func severalPicturesGiveWhatEachGivesAlone() throws {
    let images = try [[(60, 60)], [(120, 80), (40, 40)], [(180, 100)], [], [(70, 90)]].map { try discs($0) }
    let detector = try CircleDetector(engine: Engine(threads: 2))
    let found = try detector.detect(images)
    #expect(found.map(\.count) == [1, 2, 1, 0, 1])
    #expect(try found == images.map { try detector.detect($0) })
    #expect(try detector.detect([]) == [])
    #expect(throws: SceneError.self) {
      var options = CircleDetector.Options()
      options.votes = 0
      return try detector.detect([], options: options)
    }
  }

  @Test func severalTasksShareADetector() async throws {
    let detector = detector
    let picture = try discs([(60, 80), (140, 100)])
    let expected = try detector.detect(picture, options: Self.options)
    try await withThrowingTaskGroup(of: [Detection].self) { group in
      for _ in 0..<4 { group.addTask { try detector.detect(picture, options: Self.options) } }
      for try await found in group { #expect(found == expected) }
    }
  }
}
