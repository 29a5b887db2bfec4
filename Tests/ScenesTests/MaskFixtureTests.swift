import Foundation
import Testing

@testable import Scenes

/// Against pycocotools, on `Fixtures/masks.jsonl` or the file of that name in `LIMN_MASK_SAMPLES`, a folder that
/// `Tests/Readers/check_masks.py` made and where it wants the answers.
@Suite struct MaskFixtureTests {
  private static let folder = ProcessInfo.processInfo.environment["LIMN_MASK_SAMPLES"]

  private struct Answer: Encodable {
    let rle: String
    let area: Int
    let box: [Float]?
    let outlines: [[Int]]
    let holes: [[Int]]
    let joined: [Int]

    init(_ mask: Mask) {
      func flat(_ corners: [Mask.Corner]) -> [Int] { corners.flatMap { [$0.x, $0.y] } }
      rle = mask.rle
      area = mask.area
      box = mask.boundingBox.map { [$0.x1, $0.y1, $0.width, $0.height] }
      let contours = mask.contours()
      outlines = contours.outlines.map(flat)
      holes = contours.holes.map(flat)
      joined = flat(contours.joined)
    }
  }

  @Test func equalsPycocotools() throws {
    let samples = try MaskSample.read(Self.folder.map { $0 + "/masks.jsonl" } ?? MaskSample.fixture)
    #expect(samples.count >= 400)
    var answers = ""
    for (index, sample) in samples.enumerated() {
      let pixels = sample.pixels
      let mask = try Mask(
        bitmap: pixels, bitmapWidth: sample.bitmapWidth, x: sample.x, y: sample.y, width: sample.width,
        height: sample.height)
      #expect(mask.rle == sample.rle, "mask \(index)")
      #expect(mask.area == sample.area, "mask \(index)")
      let box = mask.boundingBox
      #expect(box.map { [$0.x1, $0.y1, $0.width, $0.height] } ?? [0, 0, 0, 0] == sample.box, "mask \(index)")
      #expect((box == nil) == mask.isEmpty && mask.isEmpty == (sample.area == 0), "mask \(index)")
      #expect(try Mask(rle: sample.rle, width: sample.width, height: sample.height) == mask, "mask \(index)")
      #expect(try Mask(width: sample.width, height: sample.height, runs: mask.runs) == mask, "mask \(index)")
      if Self.folder != nil {
        let encoder = JSONEncoder()
        answers += String(decoding: try encoder.encode(Answer(mask)), as: UTF8.self) + "\n"
        continue
      }
      let contours = mask.contours()
      let all = contours.outlines + contours.holes
      #expect(try Mask.filled(all, width: mask.width, height: mask.height) == mask, "mask \(index)")
      for polygon in all {
        let sides = zip(polygon, polygon.dropFirst() + polygon.prefix(1)).map { ($1.x - $0.x, $1.y - $0.y) }
        #expect(sides.allSatisfy { ($0.0 == 0) != ($0.1 == 0) }, "mask \(index)")
        #expect(zip(sides, sides.dropFirst()).allSatisfy { ($0.0 == 0) != ($1.0 == 0) }, "mask \(index)")
      }
      #expect(contours.outlines.allSatisfy { Self.signedArea($0) > 0 }, "mask \(index)")
      #expect(contours.holes.allSatisfy { Self.signedArea($0) < 0 }, "mask \(index)")
      #expect(all.map(Self.signedArea).reduce(0, +) == mask.area, "mask \(index)")
    }
    if let folder = Self.folder {
      try answers.write(toFile: folder + "/found.jsonl", atomically: true, encoding: .utf8)
    }
  }

  /// Positive when clockwise, y pointing down.
  private static func signedArea(_ polygon: [Mask.Corner]) -> Int {
    zip(polygon, polygon.dropFirst() + polygon.prefix(1)).map { $0.x * $1.y - $1.x * $0.y }.reduce(0, +) / 2
  }
}
