import TestSupport
import Testing

@testable import Drawing

@Suite struct OverlayTests {
  private func blank(_ width: Int, _ height: Int) throws -> Image {
    try Image(width: width, height: height, pixels: [UInt8](repeating: 0, count: width * height * 3))
  }

  private func detection(
    _ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, score: Float = 0.88, classID: Int = 0, label: String = "person"
  ) -> Detection {
    Detection(box: Box(x1: x1, y1: y1, x2: x2, y2: y2), score: score, classID: classID, label: label)
  }

  /// A row of characters a row: `#` where a pixel is not black.
  private func drawn(_ image: Image) -> [String] {
    (0..<image.height).map { y in
      String(
        (0..<image.width).map { x in
          image.pixels[(y * image.width + x) * 3..<(y * image.width + x) * 3 + 3].allSatisfy { $0 == 0 } ? "." : "#"
        })
    }
  }

  @Test func anOutlineOfOnePixelCoversTheEdgePixels() throws {
    var image = try blank(7, 6)
    Overlay(lineWidth: 1, showsLabels: false).draw([detection(1, 1, 6, 5)], on: &image)
    #expect(drawn(image) == [".......", ".#####.", ".#...#.", ".#...#.", ".#####.", "......."])
    #expect(Array(image.pixels[24..<27]) == [0xFF, 0x3B, 0x4E])
  }

  @Test func aThickOutlineIsCentredOnTheEdge() throws {
    var image = try blank(9, 7)
    Overlay(lineWidth: 2, showsLabels: false).draw([detection(2, 2, 7, 5)], on: &image)
    #expect(
      drawn(image) == [".........", ".#######.", ".#######.", ".##...##.", ".#######.", ".#######.", "........."])
  }

  @Test func anOutlineStaysWholeAtTheBorder() throws {
    var image = try blank(6, 5)
    Overlay(lineWidth: 1, showsLabels: false).draw([detection(-3, -1e9, 99, 5)], on: &image)
    #expect(drawn(image) == ["######", "#....#", "#....#", "#....#", "######"])
  }

  @Test func aLineThickerThanTheBoxFillsIt() throws {
    var image = try blank(5, 4)
    Overlay(lineWidth: 100, showsLabels: false).draw([detection(1, 1, 3, 3)], on: &image)
    #expect(drawn(image) == ["#####", "#####", "#####", "#####"])
  }

  @Test(arguments: [
    Box(x1: 10, y1: 0, x2: 20, y2: 5), Box(x1: -5, y1: 0, x2: 0, y2: 5), Box(x1: 0, y1: 8, x2: 5, y2: 9),
    Box(x1: 2, y1: 2, x2: 2, y2: 5), Box(x1: 2, y1: 2, x2: 5, y2: 2), Box(x1: 5, y1: 5, x2: 2, y2: 2),
    Box(x1: .nan, y1: 2, x2: 5, y2: 5), Box(x1: 2, y1: 2, x2: 5, y2: .nan), Box(x1: 2, y1: 2, x2: .infinity, y2: 5),
    Box(x1: -.infinity, y1: 2, x2: 5, y2: 5),
  ])
  func boxesWithoutAVisibleAreaAreLeftOut(box: Box) throws {
    var image = try blank(10, 8)
    let before = image
    Overlay().draw([Detection(box: box, score: 1, classID: 0, label: "x")], on: &image)
    #expect(image == before)
  }

  @Test func masksAreTintedAndOutlined() throws {
    let mask = try Mask(
      bitmap: Array(repeating: 1, count: 16), bitmapWidth: 4, x: 2, y: 1, width: 9, height: 7)
    var image = try Image(width: 9, height: 7, pixels: [UInt8](repeating: 100, count: 189))
    var detection = detection(0, 0, 9, 7)
    detection.mask = mask
    Overlay(lineWidth: 1, showsLabels: false).draw([detection], on: &image)
    func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(image.pixels[(y * 9 + x) * 3..<(y * 9 + x) * 3 + 3]) }
    let color: [UInt8] = [0xFF, 0x3B, 0x4E]
    for y in 0..<7 {
      for x in 0..<9 {
        let isBox = [0, 8].contains(x) || [0, 6].contains(y)
        let isInside = (2..<6).contains(x) && (1..<5).contains(y)
        let isBorder = isInside && ([2, 5].contains(x) || [1, 4].contains(y))
        let tinted = color.map { UInt8((0.55 * 100 + 0.45 * Double($0)).rounded()) }
        #expect(pixel(x, y) == (isBox || isBorder ? color : isInside ? tinted : [100, 100, 100]), "(\(x), \(y))")
      }
    }
  }

  @Test func aThickOutlineFollowsTheMaskToItsCorners() throws {
    let mask = try Mask(
      "........", "........", "..####..", "..#..#..", "..#..#..", "..####..", "........", "........")
    var image = try blank(8, 8)
    let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 192)
    defer { pixels.deallocate() }
    pixels.initialize(repeating: 0)
    let canvas = Canvas(pixels: pixels, width: 8, height: 8)
    for border in mask.contours().outlines { canvas.outline(border, thickness: 2, with: .white) }
    image.pixels = Array(pixels)
    #expect(
      drawn(image) == [
        "........", ".######.", ".######.", ".##..##.", ".##..##.", ".######.", ".######.", "........",
      ])
    pixels.update(repeating: 0)
    for border in mask.contours().holes { canvas.outline(border, thickness: 2, with: .white) }
    image.pixels = Array(pixels)
    #expect(
      drawn(image) == [
        "........", "........", "..####..", "..####..", "..####..", "..####..", "........", "........",
      ])
  }

  @Test func aMaskOfAnotherSizeIsLeftOut() throws {
    var with = try blank(9, 7)
    var without = with
    var detection = detection(1, 1, 8, 6)
    Overlay().draw([detection], on: &without)
    detection.mask = try Mask(width: 7, height: 9, runs: [0, 63])
    Overlay().draw([detection], on: &with)
    #expect(with == without)
  }

  @Test func aCircleIsDrawnInsteadOfItsBox() throws {
    var image = try blank(9, 9)
    Overlay(lineWidth: 1, showsLabels: false).draw([Detection.coin(4.5, 4.5, 3)], on: &image)
    #expect(
      drawn(image) == [
        ".........", "..#####..", ".###.###.", ".##...##.", ".#.....#.", ".##...##.", ".###.###.", "..#####..",
        ".........",
      ])
    #expect(Array(image.pixels[(1 * 9 + 4) * 3..<(1 * 9 + 4) * 3 + 3]) == [0xFF, 0x3B, 0x4E])
  }

  @Test func aCircleBeyondTheBorderIsCut() throws {
    var image = try blank(6, 5)
    Overlay(lineWidth: 1, showsLabels: false).draw([Detection.coin(0, 0, 4)], on: &image)
    #expect(drawn(image) == ["...##.", "...##.", "..##..", "####..", "##...."])
  }

  @Test(arguments: [
    Circle(x: .nan, y: 4, radius: 2), Circle(x: 4, y: .infinity, radius: 2), Circle(x: 4, y: 4, radius: .nan),
    Circle(x: 4, y: 4, radius: .infinity), Circle(x: 4, y: 4, radius: 0), Circle(x: 4, y: 4, radius: -2),
  ])
  func whatIsNoCircleLeavesTheBox(circle: Circle) throws {
    var with = try blank(9, 7)
    var without = with
    var detection = detection(1, 1, 8, 6)
    Overlay().draw([detection], on: &without)
    detection.circle = circle
    Overlay().draw([detection], on: &with)
    #expect(with == without)
  }

  @Test func theLabelOfACircleLiesWhereThatOfItsBoxDoes() throws {
    var circle = try blank(200, 150)
    var box = circle
    var coin = Detection.coin(90, 80, 40)
    Overlay().draw([coin], on: &circle)
    coin.circle = nil
    Overlay().draw([coin], on: &box)
    // The plate alone lies above the outlines.
    #expect(drawn(circle)[..<38] == drawn(box)[..<38])
    #expect(drawn(circle)[..<38].joined().contains("#"))
  }

  @Test func aSinglePixelTakesABoxAndALabel() throws {
    var image = try blank(1, 1)
    Overlay().draw([detection(0, 0, 1, 1)], on: &image)
    #expect(image.pixels == [0xFF, 0x3B, 0x4E])
  }

  @Test func everyNumberIsDrawnWithoutATrap() throws {
    var image = try blank(40, 30)
    let extremes: [Float] = [-.greatestFiniteMagnitude, -1, 0, 0.001, 39.999, 1e9, .greatestFiniteMagnitude, .nan]
    for x1 in extremes {
      for x2 in extremes {
        for score in [Float.nan, .infinity, -1, 0, 2, 1e30] {
          let label = "é\u{0}👩‍👩‍👧\n" + String(repeating: "W", count: 50)
          Overlay().draw([detection(x1, 3, x2, 20, score: score, classID: .min, label: label)], on: &image)
        }
      }
    }
    Overlay(lineWidth: .max).draw([detection(3, 3, 20, 20, classID: .max)], on: &image)
    Overlay(lineWidth: .min).draw([detection(3, 3, 20, 20)], on: &image)
    #expect(drawn(image).joined().contains("#"))
  }

  @Test func higherScoresAreDrawnOverLowerOnes() throws {
    let strong = detection(0, 0, 8, 8, score: 0.9, classID: 1)
    let weak = detection(0, 0, 8, 8, score: 0.3, classID: 2)
    var first = try blank(10, 10)
    var second = first
    Overlay(lineWidth: 1).draw([strong, weak], on: &first)
    Overlay(lineWidth: 1).draw([weak, strong], on: &second)
    #expect(first == second)
    var alone = try blank(10, 10)
    Overlay(lineWidth: 1, showsLabels: false).draw([strong], on: &alone)
    var both = try blank(10, 10)
    Overlay(lineWidth: 1, showsLabels: false).draw([weak, strong], on: &both)
    #expect(alone == both)
  }

  @Test func theLabelIsReadableInBothInks() throws {
    for (classID, ink) in [(0, 255), (3, 0)] as [(Int, UInt8)] {
      var image = try Image(width: 200, height: 100, pixels: [UInt8](repeating: 90, count: 60_000))
      Overlay().draw([detection(20, 40, 150, 90, classID: classID)], on: &image)
      let color = Palette.color(ofClass: classID)
      #expect(color.contrasting == RGB(ink == 0 ? 0 : 0xFFFFFF))
      let plate = (23..<39).flatMap { y in
        (22..<60).map { x in Array(image.pixels[(y * 200 + x) * 3..<(y * 200 + x) * 3 + 3]) }
      }
      #expect(plate.contains([ink, ink, ink]))
      #expect(plate.filter { $0 == [color.red, color.green, color.blue] }.count > plate.count / 3)
    }
  }

  @Test func labelsOfASCIIAreDrawnAsBeforeTheOtherLetters() throws {
    // FNV-1a over the pixels, of the font that had ASCII alone.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for (width, height) in [(200, 150), (640, 480), (1920, 1080)] {
      var image = try Image(
        width: width, height: height, pixels: [UInt8](repeating: 40, count: width * height * 3))
      Overlay().draw(
        (0..<5).map { row in
          let label = String(String.UnicodeScalarView((32 + 19 * row..<51 + 19 * row).compactMap(UnicodeScalar.init)))
          let y = Float(row * height) / 5
          return detection(Float(9 * row), y, 60, y + Float(height / 9), score: 0.9, classID: row, label: label)
        }, on: &image)
      for sample in image.pixels { hash = (hash ^ UInt64(sample)) &* 0x100_0000_01b3 }
    }
    #expect(hash == 1_664_996_489_925_714_144)
  }

  @Test func labelsOfOtherLettersDiffer() throws {
    let labels = ["人", "车", "车辆", "🚗", "🚙", "e", "é", "è", "Человек", "человек"]
    let images = try labels.map { label in
      var image = try blank(200, 100)
      Overlay(showsScores: false).draw([detection(20, 40, 150, 90, label: label)], on: &image)
      return image.pixels
    }
    #expect(Set(images).count == labels.count)
  }

  @Test func scoresAreShownOnRequestOnly() throws {
    func picture(_ overlay: Overlay, score: Float) throws -> Image {
      var image = try blank(200, 100)
      overlay.draw([detection(20, 40, 150, 90, score: score, label: "cat")], on: &image)
      return image
    }
    #expect(try picture(Overlay(), score: 0.5) != picture(Overlay(), score: 0.6))
    let plain = Overlay(showsScores: false)
    #expect(try picture(plain, score: 0.5) == picture(plain, score: 0.6))
    #expect(try picture(plain, score: 0.5) != picture(Overlay(), score: 0.5))
  }

  @Test func composedAndDecomposedLabelsAreDrawnAlike() throws {
    var composed = try blank(200, 100)
    var decomposed = composed
    Overlay().draw([detection(20, 40, 150, 90, label: "Ti\u{1EBF}ng Vi\u{1EC7}t")], on: &composed)
    Overlay().draw([detection(20, 40, 150, 90, label: "Tie\u{302}\u{301}ng Vie\u{302}\u{323}t")], on: &decomposed)
    #expect(composed == decomposed)
  }

  @Test func missingCharactersAreToldOnce() {
    #expect(Overlay.missingCharacters(in: "").isEmpty)
    #expect(Overlay.missingCharacters(in: "Señal № 5 – Łódź, Ελλάδα, Ёж, Tiếng Việt; e\u{301}\u{200B}").isEmpty)
    #expect(Overlay.missingCharacters(in: "car 车辆 car 车") == ["车", "辆"])
    #expect(Overlay.missingCharacters(in: "👩‍👩‍👧 ❤️") == ["👩", "👧", "\u{2764}"])
    #expect(Overlay.missingCharacters(in: "a\u{359}\n") == ["\u{359}", "\n"])
  }
}
