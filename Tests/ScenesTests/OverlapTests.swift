import Foundation
import TestSupport
import Testing

@testable import Scenes

@Suite struct OverlapTests {
  private static func thing(
    _ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, _ score: Float, classID: Int = 0, mask: Mask? = nil,
    circle: Circle? = nil
  ) -> Detection {
    Detection(
      box: Box(x1: x1, y1: y1, x2: x2, y2: y2), score: score, classID: classID, label: "\(classID)", mask: mask,
      circle: circle)
  }

  /// Two boxes of 8 and 4 pixels that share 2.
  private let pair = [thing(0, 0, 4, 2, 0.5), thing(3, 0, 5, 2, 0.75)]

  @Test func shares() throws {
    #expect(try OverlapRule().overlap(of: pair[0], pair[1]) == 0.2)
    #expect(try OverlapRule(by: .smallerArea).overlap(of: pair[0], pair[1]) == 0.5)
    #expect(try OverlapRule(by: .smallerArea).overlap(of: pair[1], pair[0]) == 0.5)
    let point = Self.thing(1, 1, 1, 1, 0.5)
    #expect(try OverlapRule().overlap(of: point, point) == 0)
    #expect(try OverlapRule(by: .smallerArea).overlap(of: point, pair[0]) == 0)
    // Boxes that lie apart in both directions share nothing, though the product of two negative sides is positive.
    #expect(try OverlapRule().overlap(of: Self.thing(0, 0, 1, 1, 1), Self.thing(5, 5, 6, 6, 1)) == 0)
  }

  @Test func masksAreComparedWhereBothHaveOne() throws {
    let left = Self.thing(0, 0, 4, 2, 0.5, mask: try Mask("##..", "##.."))
    let right = Self.thing(0, 0, 4, 2, 0.75, mask: try Mask(".#..", ".#.#"))
    #expect(try OverlapRule().overlap(of: left, right) == 2 / 5)
    #expect(try OverlapRule(by: .smallerArea).overlap(of: left, right) == 2 / 3)
    var boxAlone = right
    boxAlone.mask = nil
    #expect(try OverlapRule().overlap(of: left, boxAlone) == 1)
    var other = right
    other.mask = try Mask("#")
    #expect(throws: SceneError.self) { try [left, other].suppressed() }
    #expect(throws: SceneError.self) { try [left, other].merged() }
  }

  @Test func theThresholdItselfSuppressesNothingButMerges() throws {
    #expect(try pair.suppressed(by: OverlapRule(overlap: 0.2)) == [pair[1], pair[0]])
    #expect(try pair.suppressed(by: OverlapRule(overlap: 0.19)) == [pair[1]])
    #expect(try pair.merged(by: OverlapRule(overlap: 0.2)).count == 1)
    #expect(try pair.merged(by: OverlapRule(overlap: 0.21)) == [pair[1], pair[0]])
  }

  @Test func classesStayApartUnlessAsked() throws {
    let found = [Self.thing(0, 0, 2, 2, 0.5, classID: 1), Self.thing(0, 0, 2, 2, 0.25, classID: 2)]
    #expect(try found.suppressed() == found)
    #expect(try found.merged() == found)
    #expect(try found.suppressed(by: OverlapRule(acrossClasses: true)) == [found[0]])
    #expect(try found.merged(by: OverlapRule(acrossClasses: true)).map(\.classID) == [1])
  }

  @Test func equalScoresKeepTheirOrder() throws {
    let found = (0..<40).map { Self.thing(Float($0), 0, Float($0) + 1, 1, 0.5, classID: $0) }
    #expect(try found.suppressed() == found)
    #expect(try found.merged() == found)
    #expect(try [found[1], found[1], found[0]].suppressed() == [found[1], found[0]])
  }

  @Test func aDroppedOneDropsNothing() throws {
    // The second is dropped by the first, and does not drop the third.
    let chain = [Self.thing(0, 0, 4, 1, 0.9), Self.thing(1, 0, 5, 1, 0.8), Self.thing(2, 0, 6, 1, 0.7)]
    #expect(try chain.suppressed() == [chain[0], chain[2]])
  }

  @Test func aMergedDetection() throws {
    let circle = Circle(x: 1, y: 1, radius: 1)
    let found = [
      Self.thing(0, 0, 4, 2, 0.5, mask: try Mask("####", "...."), circle: circle),
      Self.thing(0, 0, 2, 2, 1, mask: try Mask("##..", "##.."), circle: nil),
    ]
    let merged = try found.merged(by: OverlapRule(overlap: 0.5, by: .smallerArea))
    // (8 × 0.5 + 4 × 1) / 12.
    #expect(merged.map(\.score) == [Float(8.0 / 12)])
    #expect(merged.map(\.box) == [Box(x1: 0, y1: 0, x2: 4, y2: 2)])
    #expect(merged.map { $0.mask?.rows } == [["####", "##.."]])
    #expect(merged.map(\.circle) == [nil])
    // A mask that only some have is the best's; the union of two circles is none.
    var (plain, best) = (found[0], found[1])
    plain.mask = nil
    best.circle = circle
    let mixed = try [plain, best].merged(by: OverlapRule(overlap: 0.5, by: .smallerArea))
    #expect(mixed.map { $0.mask } == [best.mask] && mixed.map(\.circle) == [nil])
    // One that is alone stays as it is.
    #expect(try [best].merged() == [best])
  }

  @Test func emptyBoxesMergeIntoTheBestsScore() throws {
    let points = [Self.thing(1, 1, 1, 1, 0.5), Self.thing(1, 1, 1, 1, 0.25)]
    #expect(try points.merged(by: OverlapRule(overlap: 0)) == [points[0]])
    #expect(try points.merged().count == 2)
  }

  @Test func aMaskGrowsWhileOthersReachIt() throws {
    // Each overlaps the one before, only the first two overlap the best.
    let masks = try [Mask("###......"), Mask("..###...."), Mask("....###..")]
    let found = zip(masks, [0.9, 0.8, 0.7] as [Float]).map { Self.thing(0, 0, 9, 1, $1, mask: $0) }
    let rule = OverlapRule(overlap: 0.2, by: .smallerArea)
    #expect(try found.merged(by: rule).map { $0.mask?.rows } == [["#######.."]])
  }

  @Test(arguments: [-0.1, 1.5, Float.nan, .infinity]) func overlapsOutOfRange(_ overlap: Float) {
    let reason = SceneError.invalidParameter("the overlap must be 0 to 1, got \(overlap)")
    #expect(throws: reason) { try pair.suppressed(by: OverlapRule(overlap: overlap)) }
    #expect(throws: reason) { try pair.merged(by: OverlapRule(overlap: overlap)) }
  }

  @Test func noneAndOne() throws {
    #expect(try [Detection]().suppressed() == [] && [Detection]().merged() == [])
    #expect(try [pair[0]].suppressed() == [pair[0]] && [pair[0]].merged() == [pair[0]])
  }

  @Test func codedAsARecipeHasIt() throws {
    let rule = OverlapRule(overlap: 0.5, by: .smallerArea, acrossClasses: true)
    let text = String(decoding: try JSONEncoder().encode(rule), as: UTF8.self)
    #expect(text.contains(#""by":"smaller-area""#) && text.contains(#""across-classes":true"#))
    #expect(try JSONDecoder().decode(OverlapRule.self, from: Data(text.utf8)) == rule)
  }

  // MARK: - Against supervision

  /// A set that `Fixtures/make_overlaps.py` draws too.
  private static func draw(_ number: UInt64, hasMasks: Bool) throws -> ([Detection], OverlapRule) {
    var random = SeededGenerator(seed: number)
    func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
    let count = 1 + below(16)
    let rule = OverlapRule(
      overlap: [0.25, 0.5, 0.75, 0.31, 0.69][below(5)], by: [.union, .smallerArea][below(2)],
      acrossClasses: below(2) == 1)
    let (width, height) = (64, 48)
    let detections = try (0..<count).map { index in
      let scale = hasMasks ? 1 : 4
      let (x, y) = (below(width * scale / 2), below(height * scale / 2))
      let (boxWidth, boxHeight) = (below(width * scale / 2), below(height * scale / 2))
      func edge(_ value: Int) -> Float { Float(value) / Float(scale) }
      let score = Float(below(64) * 16 + index) / 1024
      let classID = below(2)
      let (period, phase) = (2 + below(9), below(11))
      let bitmap = (0..<width * height).map { pixel -> UInt8 in
        let (column, row) = (pixel % width, pixel / width)
        let isInside = (x..<x + boxWidth).contains(column) && (y..<y + boxHeight).contains(row)
        return isInside && (7 * column + 13 * row + phase) % period != 0 ? 1 : 0
      }
      let mask =
        hasMasks ? try Mask(bitmap: bitmap, bitmapWidth: width, x: 0, y: 0, width: width, height: height) : nil
      return thing(edge(x), edge(y), edge(x + boxWidth), edge(y + boxHeight), score, classID: classID, mask: mask)
    }
    return (detections, rule)
  }

  @Test(arguments: [false, true]) func equalsSupervisions(_ hasMasks: Bool) throws {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/overlaps-\(hasMasks ? "masks" : "boxes").jsonl")
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 500)
    for (number, line) in lines.enumerated() {
      let (detections, rule) = try Self.draw(UInt64(number + (hasMasks ? 1000 : 0)), hasMasks: hasMasks)
      let answer = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [[Any]])
      let kept = try #require(answer[0] as? [Int])
      #expect(try detections.suppressed(by: rule) == kept.map { detections[$0] }, "set \(number)")
      let merged = try #require(answer[1] as? [[Double]])
      let expected = merged.map { group -> [Double] in
        let best = detections[Int(group[0])]
        let box = [best.box.x1, best.box.y1, best.box.x2, best.box.y2].map(Double.init)
        let edges = group.count > 4 ? Array(group[2..<6]) : box
        return [Double(best.classID), Double(Float(group[1]))] + edges + (hasMasks ? [group[group.count - 1]] : [])
      }
      let found = try detections.merged(by: rule).map { detection -> [Double] in
        let box = [detection.box.x1, detection.box.y1, detection.box.x2, detection.box.y2].map(Double.init)
        return [Double(detection.classID), Double(detection.score)] + box
          + (detection.mask.map { [Double($0.area)] } ?? [])
      }
      func ordered(_ list: [[Double]]) -> [[Double]] { list.sorted { $0.lexicographicallyPrecedes($1) } }
      #expect(ordered(found) == ordered(expected), "set \(number)")
      #expect(found.map { $0[1] } == found.map { $0[1] }.sorted(by: >))
    }
  }
}
