import Testing

@testable import Scenes

@Suite struct BoxTests {
  @Test func sides() {
    let box = Box(x1: 1, y1: 2, x2: 4, y2: 10)
    #expect(box.width == 3)
    #expect(box.height == 8)
    #expect(box.area == 24)
  }

  @Test func clipping() {
    func clipped(_ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float) -> Box {
      Box(x1: x1, y1: y1, x2: x2, y2: y2).clipped(width: 10, height: 5)
    }
    #expect(clipped(1, 1, 9, 4) == Box(x1: 1, y1: 1, x2: 9, y2: 4))
    #expect(clipped(-1, -2, 11, 6) == Box(x1: 0, y1: 0, x2: 10, y2: 5))
    #expect(clipped(0, 0, 10, 5) == Box(x1: 0, y1: 0, x2: 10, y2: 5))
    #expect(clipped(12, 7, 20, 9) == Box(x1: 10, y1: 5, x2: 10, y2: 5))
    #expect(clipped(-5, -5, -1, -1).area == 0)
  }
}
