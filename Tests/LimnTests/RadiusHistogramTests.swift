import Annotate
import Testing

@testable import limn

@Suite struct RadiusHistogramTests {
  private func coins(_ radii: Float..., score: Float = 0.5) -> [Detection] {
    radii.map { radius in
      let circle = Circle(x: 0, y: 0, radius: radius)
      return Detection(box: circle.boundingBox, score: score, classID: 0, label: "coin", circle: circle)
    }
  }

  @Test func everyRangeOfRadiiIsARow() {
    var histogram = RadiusHistogram()
    histogram.add(coins(10, 10.99, 13, score: 0.25), scale: 1)
    histogram.add(coins(11, score: 0.404) + coins(10, score: 1), scale: 1)
    histogram.add([], scale: 1)
    #expect(
      histogram.text == """
        limn: radii of 5 circles in 3 images, in pixels of the searched copy, with mean scores
        radius  circles  score
         10-11        3   0.50  ###
         11-12        1   0.40  #
         12-13        0      -
         13-14        1   0.25  #

        """)
  }

  @Test func wideRangesKeepTheTableShort() {
    var histogram = RadiusHistogram()
    for radius in 8...95 { histogram.add(coins(Float(radius)), scale: 1) }
    for _ in 0..<95 { histogram.add(coins(31), scale: 1) }
    #expect(
      histogram.text == """
        limn: radii of 183 circles in 183 images, in pixels of the searched copy, with mean scores
        radius  circles  score
          5-10        2   0.50  #
         10-15        5   0.50  ##
         15-20        5   0.50  ##
         20-25        5   0.50  ##
         25-30        5   0.50  ##
         30-35      100   0.50  ########################################
         35-40        5   0.50  ##
         40-45        5   0.50  ##
         45-50        5   0.50  ##
         50-55        5   0.50  ##
         55-60        5   0.50  ##
         60-65        5   0.50  ##
         65-70        5   0.50  ##
         70-75        5   0.50  ##
         75-80        5   0.50  ##
         80-85        5   0.50  ##
         85-90        5   0.50  ##
         90-95        5   0.50  ##
        95-100        1   0.50  #

        """)
  }

  @Test(arguments: [(19, 1), (20, 2), (38, 2), (40, 5), (95, 5), (100, 10), (190, 10), (200, 20), (65_535, 5000)])
  func rangesAreRoundNumbers(largest: Int, width: Int) {
    var histogram = RadiusHistogram()
    histogram.add(coins(0, Float(largest)), scale: 1)
    let rows = histogram.text.split(separator: "\n").dropFirst(2)
    #expect(rows.count <= RadiusHistogram.largestRowCount)
    #expect(rows.first?.split(separator: " ").first == "0-\(width)")
    #expect(rows.last?.split(separator: " ").first == "\(largest / width * width)-\(largest / width * width + width)")
  }

  @Test func radiiAreThoseOfTheSearchedCopy() {
    for side in [999, 1234, 4032, 6001] {
      var histogram = RadiusHistogram()
      let scale = CircleDetector.scale(width: side, height: side / 2, maxSide: 640)
      for radius in 10...12 { histogram.add(coins(Float(radius) * Float(side) / 640), scale: scale) }
      let rows = histogram.text.split(separator: "\n").dropFirst(2)
      #expect(rows == [" 10-11        1   0.50  #", " 11-12        1   0.50  #", " 12-13        1   0.50  #"])
    }
  }

  @Test func aRunWithoutCirclesSaysSo() {
    var histogram = RadiusHistogram()
    #expect(histogram.text == "limn: no circle in 0 images\n")
    histogram.add([Detection(box: Box(x1: 0, y1: 0, x2: 1, y2: 1), score: 1, classID: 0, label: "cat")], scale: 1)
    #expect(histogram.text == "limn: no circle in 1 image\n")
    histogram.add(coins(7, score: 0.999), scale: 1)
    #expect(
      histogram.text == """
        limn: radii of 1 circle in 2 images, in pixels of the searched copy, with mean scores
        radius  circles  score
           7-8        1   1.00  #

        """)
  }

  @Test func noRadiusOfAnAnnotatedImageTraps() {
    var histogram = RadiusHistogram()
    histogram.add(coins(.greatestFiniteMagnitude, .leastNonzeroMagnitude), scale: 1)
    #expect(histogram.text.hasPrefix("limn: radii of 2 circles in 1 image, "))
  }
}
