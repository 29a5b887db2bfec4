import Testing

@testable import Drawing

@Suite struct PaletteTests {
  @Test func twentyColoursStayApart() {
    let colors = (0..<20).map(Palette.color(ofClass:))
    for (index, color) in colors.enumerated() {
      for other in colors[..<index] {
        let distance =
          abs(Int(color.red) - Int(other.red)) + abs(Int(color.green) - Int(other.green))
          + abs(Int(color.blue) - Int(other.blue))
        #expect(distance >= 60, "\(index)")
      }
    }
  }

  @Test func anyClassHasAColour() {
    #expect(Palette.color(ofClass: 20) == Palette.color(ofClass: 0))
    #expect(Palette.color(ofClass: -1) == Palette.color(ofClass: 19))
    #expect(Palette.color(ofClass: .max) == Palette.color(ofClass: .max % 20))
    #expect(Palette.color(ofClass: .min) == Palette.color(ofClass: .min % 20 + 20))
  }
}
