import Foundation
import TestSupport
import Testing

@testable import Scenes

@Suite struct CirclePolygonTests {
  private func polygon(_ x: Float, _ y: Float, _ radius: Float, _ width: Int = 4000, _ height: Int = 3000) -> [[Double]]
  {
    Circle(x: x, y: y, radius: radius).polygon(width: width, height: height).map { [$0.x, $0.y] }
  }

  @Test func aSmallCircleHasEightCornersClockwiseFromTheRight() {
    #expect(
      polygon(10, 20, 1) == [
        [11, 20], [10.71, 20.71], [10, 21], [9.29, 20.71], [9, 20], [9.29, 19.29], [10, 19], [10.71, 19.29],
      ])
    #expect(polygon(10, 20, 0.1).count == 8)
  }

  @Test(arguments: [0.2, 0.25, 0.3, 1, 3.28, 3.29, 7, 12.5, 33, 100, 250.75, 999, 1400] as [Float])
  func cornersAreAsManyAsTheSagittaAsks(radius: Float) {
    let corners = polygon(2000, 1500, radius)
    #expect(corners.count.isMultiple(of: 4) && corners.count >= 8)
    let (x, y) = (corners.map { $0[0] }, corners.map { $0[1] })
    let box = [x.min(), y.min(), x.max(), y.max()]
    for (edge, expected) in zip(box, [2000 - radius, 1500 - radius, 2000 + radius, 1500 + radius]) {
      #expect(abs((edge ?? 0) - Double(expected)) <= Tolerance.Files.polygonEdge)
    }
    func sagitta(_ count: Int) -> Double { Double(radius) * (1 - cos(Double.pi / Double(count))) }
    #expect(sagitta(corners.count) <= Tolerance.Files.sagitta)
    #expect(corners.count == 8 || sagitta(corners.count - 4) > Tolerance.Files.sagitta)
    for (start, end) in zip(corners, corners.dropFirst() + corners.prefix(1)) {
      let middle = hypot((start[0] + end[0]) / 2 - 2000, (start[1] + end[1]) / 2 - 1500)
      #expect(middle >= Double(radius) - 0.26 && middle <= Double(radius) + 0.01)
    }
  }

  @Test func theRestOfACircleBeyondThePictureIsCutOff() {
    #expect(polygon(0, 0, 2, 10, 8) == [[2, 0], [1.41, 1.41], [0, 2], [0, 0]])
    #expect(polygon(5, 0, 1, 10, 8) == [[6, 0], [5.71, 0.71], [5, 1], [4.29, 0.71], [4, 0]])
    #expect(polygon(5, 4, 100, 10, 8) == [[10, 0], [10, 8], [0, 8], [0, 0]])
  }

  @Test(
    arguments: [
      (-3, 4, 2), (13, 4, 2.5), (5, -9, 8), (5, 20, 11), (-2, 4, 2), (12, 4, 2), (11.9, 9.9, 2), (1e30, 4, 2),
      (5, 4, 0.001),
      (-1e30, -1e30, 1),
    ] as [(Float, Float, Float)])
  func nothingIsLeftOfACircleWithoutAnAreaInThePicture(x: Float, y: Float, radius: Float) {
    #expect(polygon(x, y, radius, 10, 8).isEmpty)
  }

  @Test(arguments: [1, .leastNonzeroMagnitude, 1e9, 1e30, .greatestFiniteMagnitude] as [Float])
  func everyNumberGivesCornersInThePictureOrNone(radius: Float) {
    let numbers: [Float] = [-.greatestFiniteMagnitude, -1e30, -1e9, 0, 4.5, 1e9, 1e30, .greatestFiniteMagnitude]
    for x in numbers {
      for y in numbers {
        for corner in polygon(x, y, radius, 10, 8) {
          #expect((0...10).contains(corner[0]) && (0...8).contains(corner[1]))
        }
      }
    }
  }
}
