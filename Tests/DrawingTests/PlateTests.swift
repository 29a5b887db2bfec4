import Testing

@testable import Drawing

@Suite struct PlateTests {
  private let style = Plate.Style(imageWidth: 640, imageHeight: 480)
  private let bounds = PixelRectangle(left: 0, top: 0, right: 640, bottom: 480)

  private func plate(
    beside box: PixelRectangle, avoiding taken: [PixelRectangle] = [], bounds: PixelRectangle? = nil,
    text: String = "person 0.88"
  ) -> PixelRectangle {
    Plate(
      text: text, style: style, beside: box, bounds: bounds ?? self.bounds, avoiding: taken, color: RGB(0xFF0000)
    ).rectangle
  }

  @Test func liesOnTheBox() {
    let rectangle = plate(beside: PixelRectangle(left: 100, top: 100, right: 200, bottom: 300))
    #expect(rectangle.left == 100)
    #expect(rectangle.bottom == 100)
    #expect(rectangle.bottom - rectangle.top == style.height)
  }

  @Test func liesInsideABoxThatTouchesTheTop() {
    let top = style.height - 1
    #expect(plate(beside: PixelRectangle(left: 0, top: top, right: 99, bottom: 300)).top == top)
    #expect(plate(beside: PixelRectangle(left: 0, top: top + 1, right: 99, bottom: 300)).top == 0)
  }

  @Test func movesLeftAtTheRightBorder() {
    let rectangle = plate(beside: PixelRectangle(left: 630, top: 100, right: 640, bottom: 300))
    #expect(rectangle.right == 640)
  }

  @Test func avoidsOtherPlates() {
    let box = PixelRectangle(left: 100, top: 100, right: 200, bottom: 300)
    var taken: [PixelRectangle] = []
    for top in [100 - style.height, 100, 300, 300 - style.height, 100 - style.height] {
      let rectangle = plate(beside: box, avoiding: taken)
      #expect(rectangle.top == top)
      taken.append(rectangle)
    }
  }

  @Test func aPictureSmallerThanThePlateShowsItsBeginning() {
    let tiny = PixelRectangle(left: 0, top: 0, right: 4, bottom: 3)
    let rectangle = plate(beside: tiny, bounds: tiny)
    #expect((rectangle.left, rectangle.top) == (0, 0))
  }

  @Test func growsWithThePicture() {
    #expect(Plate.Style(imageWidth: 1, imageHeight: 1).unit == 0.75)
    #expect(Plate.Style(imageWidth: 810, imageHeight: 1080).unit == 1)
    #expect(Plate.Style(imageWidth: 4032, imageHeight: 3024).unit == 4)
  }

  @Test func accentsAreInsideThePlate() {
    for side in stride(from: 100, through: 6000, by: 100) {
      let style = Plate.Style(imageWidth: side, imageHeight: side)
      let box = PixelRectangle(left: 20, top: style.height + 20, right: 30, bottom: 900)
      let (width, height) = (60 * style.height / 10, 2 * style.height + 20)
      let bounds = PixelRectangle(left: 0, top: 0, right: width, bottom: height)
      let plate = Plate(
        text: "ÅŐẪŞĮ人", style: style, beside: box, bounds: bounds, avoiding: [], color: RGB(0xFF0000))
      func drawn(inside clip: PixelRectangle) -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        pixels.withUnsafeMutableBufferPointer {
          Canvas(pixels: $0, width: width, height: height).write(
            plate.text, x: Float(plate.rectangle.left + style.padding) + 0.5, y: plate.textTop, unit: style.unit,
            with: .white, inside: clip)
        }
        return pixels
      }
      // Less than half of any pixel is lost.
      let lost = zip(drawn(inside: bounds), drawn(inside: plate.rectangle)).filter { $0 != $1 }
      #expect(lost.allSatisfy { $0.0 < 128 }, "\(side)")
      #expect(plate.rectangle.right <= width)
    }
  }

  @Test func aTextWithoutEndIsMeasuredAsFarAsThePicture() {
    let text = String(repeating: "W", count: 1_000_000)
    let rectangle = plate(beside: PixelRectangle(left: 100, top: 100, right: 200, bottom: 300), text: text)
    #expect(rectangle.left == 0)
    #expect((640..<700).contains(rectangle.right))
  }
}
