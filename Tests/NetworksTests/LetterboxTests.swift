import Foundation
import Tensor
import Testing

@testable import Networks

/// Against `letterbox` and `scale_boxes` of the YOLOv5 repository, restated by `Fixtures/make_letterbox.py`.
struct LetterboxTests {
  struct Fixture: Decodable {
    struct Boxes: Decodable {
      /// Width and height of the picture, the network's size, 1 for a square.
      var size: [Int]
      var boxes: [[Float]]
      var scaledBack: [[Float]]
    }
    /// Width, height, size, square, and then scaled width and height, left, top, target width and height.
    var geometry: [[Int]]
    var boxes: [Boxes]
  }

  static func fixture() throws -> Fixture {
    try JSONDecoder().decode(Fixture.self, from: Data(weightFixtureBytes("letterbox.json")))
  }

  @Test func geometryEqualsTheRepositorys() throws {
    let rows = try Self.fixture().geometry
    #expect(rows.count == 618)
    for row in rows {
      let box = Letterbox(try blank(row[0], row[1]), size: row[2], isSquare: row[3] == 1)
      let found = [box.scaled.width, box.scaled.height, box.left, box.top, box.target.width, box.target.height]
      #expect(found == Array(row[4...]), "a \(row[0])x\(row[1]) picture in \(row[2]), square: \(row[3])")
      #expect(box.source == (row[0], row[1]))
    }
  }

  @Test func boxesReturnAsTheRepositorys() throws {
    let cases = try Self.fixture().boxes
    #expect(cases.count == 8)
    for record in cases {
      let size = record.size
      let box = Letterbox(try blank(size[0], size[1]), size: size[2], isSquare: size[3] == 1)
      for (corners, expected) in zip(record.boxes, record.scaledBack) {
        let found = box.map.inverse(Box(x1: corners[0], y1: corners[1], x2: corners[2], y2: corners[3]))
        #expect([found.x1, found.y1, found.x2, found.y2] == expected, "\(corners) of \(size)")
      }
    }
  }

  @Test(arguments: ["19x12", "32x24", "64x48", "45x32", "5x50"], Engine.availableLevels)
  func pixelsEqualOpenCVs(_ name: String, level: InstructionSetLevel) throws {
    let file = try WeightFile(path: weightFixture("letterbox.safetensors"))
    let picture = try image(name, in: file)
    let engine = try Engine(level: level, threads: 2)
    for square in [0, 1] {
      let expected = try image("\(name).\(square)", in: file)
      let box = Letterbox(picture, size: 32, isSquare: square == 1)
      #expect(box.target == (expected.width, expected.height))
      let values = expected.pixels.map { Float($0) / 255 }
      // Sixteen outputs are whole vectors on every level, three on none.
      for outputs in [16, 3] {
        let stem = try StemTests.stem(outputs: outputs, engine)
        let shape = Shape(height: expected.height, width: expected.width, channels: 3)
        engine.withWorkspace { workspace in
          let (found, direct) = (stem.input(for: shape, workspace), stem.input(for: shape, workspace))
          for view in [found, direct] { view.base.initialize(repeating: .nan, count: view.shape.count) }
          box.fill(found, of: stem, with: picture, workspace)
          values.withUnsafeBufferPointer { values in
            guard let start = values.baseAddress else { return }
            nonisolated(unsafe) let base = start
            stem.fill(direct, with: shape, workspace) { row, _ in base + row * shape.width * 3 }
          }
          let same = (0..<found.shape.count).allSatisfy { found.base[$0] == direct.base[$0] }
          #expect(same, "\(name), square \(square), \(outputs) outputs")
        }
      }
    }
  }

  private func blank(_ width: Int, _ height: Int) throws -> Image {
    try Image(width: width, height: height, pixels: Array(repeating: 0, count: width * height * 3))
  }
}
