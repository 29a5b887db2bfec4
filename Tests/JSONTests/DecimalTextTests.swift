import JSON
import TestSupport
import Testing

@Suite struct DecimalTextTests {
  @Test(arguments: [
    (55.2049, 2, "55.2"), (55.205001, 2, "55.21"), (397, 2, "397"), (0, 2, "0"), (-0.0, 2, "0"), (-0.004, 2, "0"),
    (-1.5, 1, "-1.5"), (0.99996, 4, "1"), (0.05, 1, "0.1"), (0.001, 3, "0.001"), (100, 0, "100"),
    (1e15, 0, "1000000000000000"),
    (12.5, 0, "13"), (640.0000610351562, 2, "640"), (1e300, 2, "1e+300"),
  ])
  func shortestDropsTrailingZeros(value: Double, places: Int, text: String) {
    #expect(DecimalText.shortest(value, places: places) == text)
  }

  @Test(arguments: [
    (0.5, 6, "0.500000"), (0, 6, "0.000000"), (1, 6, "1.000000"), (0.0000004, 6, "0.000000"), (7.06, 1, "7.1"),
  ])
  func fixedKeepsThem(value: Double, places: Int, text: String) {
    #expect(DecimalText.fixed(value, places: places) == text)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func notFiniteStaysValidJSON(value: Double) {
    #expect(DecimalText.shortest(value, places: 2) == "null")
  }

  @Test func readsBackWithinHalfAUnit() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<2000 {
      let value = Double(Float.random(in: -5000...5000, using: &generator))
      let read = Double(DecimalText.shortest(value, places: 3)) ?? .nan
      #expect(abs(read - value) <= Tolerance.Files.threeDecimals)
    }
  }
}
