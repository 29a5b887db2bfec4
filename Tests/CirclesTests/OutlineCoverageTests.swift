import Foundation
import Kernels
import Tensor
import Testing

@testable import Circles

/// Single edges on a slope whose gradient points to the right, seen from the centre of a circle.
@Suite struct OutlineCoverageTests {
  private static let circle = Circle(x: 100, y: 100, radius: 80)

  /// The score of the circle whose only edges are those.
  private func score(_ edges: [(x: Int, y: Int)], resolution: Float = 1) throws -> Float {
    try Engine(threads: 1).withWorkspace { workspace in
      let plane = workspace.plane(width: 200, height: 200)
      for y in 0..<200 {
        for x in 0..<200 { plane.row(y)[x] = UInt8(x) }
      }
      let marks = EdgeMarks(width: 200, height: 200, workspace)
      for y in 0..<200 { marks.row(y).initialize(repeating: EdgeMark.none, count: 200) }
      marks.fillBorder()
      for edge in edges { marks.row(edge.y)[edge.x] = EdgeMark.certain }
      let grid = EdgeGrid(marks, plane, resolution: resolution, workspace)
      #expect(grid.count == edges.count)
      return OutlineCoverage.score(Self.circle, grid, resolution: resolution)
    }
  }

  /// 25.0 and 26.9 degrees, on the right and on the left of the centre, above and below it.
  @Test(arguments: [-1, 1], [-1, 1])
  func gradientsPointAlongTheRadius(_ right: Int, _ down: Int) throws {
    #expect(try score([(100 + right * 73, 100 + down * 34)]) == 1 / 32)
    #expect(try score([(100 + right * 71, 100 + down * 36)]) == 0)
    #expect(try score([(100, 100 + down * 80)]) == 0)
  }

  /// 3.1 pixels off the circle: 1.5 cells and 2 % of the radius.
  @Test(arguments: [-1, 1])
  func edgesLieOnTheCircle(_ right: Int) throws {
    for (distance, expected) in [(76, 0), (77, 1), (83, 1), (84, 0)] as [(Int, Float)] {
      #expect(try score([(100 + right * distance, 100)]) == expected / 32, "\(distance) pixels")
    }
    // 2.6, 3.6 and 3.3 pixels off.
    for (distance, expected) in [(82, 1), (83, 0), (76, 0)] as [(Int, Float)] {
      #expect(try score([(100 + right * distance, 110)]) == expected / 32, "\(distance) and 10 pixels")
    }
    #expect(try score([(100 + right * 84, 100)], resolution: 2) == 1 / 32)
  }

  /// Sectors of 11.25 degrees count once each; three on each side of the horizontal have edges of the right direction.
  @Test func sectorsCountOnce() throws {
    let around = (0..<720).map { step -> (x: Int, y: Int) in
      let angle = Float(step) * .pi / 360
      return (Int((100 + 80 * cos(angle)).rounded()), Int((100 + 80 * sin(angle)).rounded()))
    }
    let places = Set(around.map { $0.y * 200 + $0.x }).map { (x: $0 % 200, y: $0 / 200) }
    #expect(try score(places) == 12 / 32)
  }
}
