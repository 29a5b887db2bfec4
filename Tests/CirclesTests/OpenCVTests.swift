import Circles
import Foundation
import Tensor
import TestSupport
import Testing

/// What OpenCV finds in 200 drawn pictures with every option varied: each stage to the byte, each circle as it is.
///
/// `Fixtures/make_circles.py` draws the pictures and records the answers.
@Suite struct OpenCVTests {
  struct Recording: Decodable {
    var cases: [Case]
  }

  struct Case: Decodable {
    struct Options: Decodable {
      var dp: Float
      var minDist: Float
      var edge: Int
      var votes: Int
      var min: Int
      var max: Int
      var blur: Int
      var sigma: Double
    }
    var options: Options
    var picture: UInt32
    var gray: UInt32
    var blur: UInt32
    var dx: UInt32
    var dy: UInt32
    var edges: UInt32
    var count: Int
    var circles: [[Float]]
  }

  @Test(arguments: Engine.availableLevels, [1, 2, 3])
  func everyStageAndCircle(_ level: InstructionSetLevel, _ threads: Int) throws {
    let engine = try Engine(level: level, threads: threads)
    let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/circles.json")
    let cases = try JSONDecoder().decode(Recording.self, from: Data(contentsOf: fixture)).cases
    #expect(cases.count == 200)
    // All pictures once; a part, of other options than the defaults, on each level and count of threads.
    let isFull = threads == 2 && level == Engine.availableLevels.last
    for (index, expected) in cases.enumerated() where isFull || index % 16 == threads {
      let image = try generatedPicture(index)
      try #require(crc32(image.pixels) == expected.picture, "picture \(index) is drawn otherwise")
      let options = expected.options
      let gray = image.grayscale(engine: engine)
      #expect(crc32(gray.pixels) == expected.gray, "grey of \(index)")
      let blurred = try GaussianBlur(size: options.blur, sigma: options.sigma)(gray, engine: engine)
      #expect(crc32(blurred.pixels) == expected.blur, "blur of \(index), \(options)")
      let gradient = SobelGradient(blurred, engine: engine)
      #expect(crc32(gradient.horizontal) == expected.dx, "horizontal derivatives of \(index)")
      #expect(crc32(gradient.vertical) == expected.dy, "vertical derivatives of \(index)")
      let edges = try CannyEdges(low: max(options.edge / 2, 1), high: options.edge)(blurred, engine: engine)
      #expect(crc32(edges.pixels) == expected.edges, "edges of \(index), \(options)")

      let transform = HoughCircles(
        resolution: options.dp, minDistance: options.minDist, edgeThreshold: options.edge, votes: options.votes,
        minRadius: options.min, maxRadius: options.max)
      let circles = try transform(blurred, engine: engine)
      #expect(circles.count == expected.count, "circles of \(index), \(options)")
      for (circle, record) in zip(circles, expected.circles) {
        #expect(circle.support == Int(record[3]), "support in \(index)")
        // The record has 4 decimals, and its centres are indices of pixels.
        #expect(abs(circle.circle.x - 0.5 - record[0]) <= Tolerance.Circles.openCV, "x in \(index)")
        #expect(abs(circle.circle.y - 0.5 - record[1]) <= Tolerance.Circles.openCV, "y in \(index)")
        #expect(abs(circle.circle.radius - record[2]) <= Tolerance.Circles.openCV, "radius in \(index)")
      }
      let search = CircleSearch(
        transform: transform, blur: .gaussian(size: options.blur, sigma: options.sigma))
      #expect(try search(image, engine: engine) == circles, "the whole search of \(index)")
    }
  }
}
