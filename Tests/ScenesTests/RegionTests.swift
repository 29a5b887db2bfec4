import TestSupport
import Testing

@testable import Scenes

/// Sees the size and the first pixel of what it gets.
private struct Witness: Detector {
  let labels = ["thing"]

  func detect(_ image: Image, options: DetectionOptions) throws -> [Detection] {
    let mask = try Mask(
      bitmap: [1], bitmapWidth: 1, x: 0, y: image.height - 1, width: image.width, height: image.height)
    return [
      Detection(
        box: Box(x1: 0, y1: 0, x2: Float(image.width), y2: Float(image.height)), score: Float(image.pixels[0]) / 255,
        classID: 0, label: "thing", mask: mask, circle: Circle(x: 1, y: 2, radius: 3))
    ]
  }
}

@Suite struct RegionTests {
  private let image: Image

  /// Each sample is its own: 100 a row, 3 a pixel.
  init() throws {
    image = try Image(width: 6, height: 2, pixels: (0..<2).flatMap { y in (0..<18).map { UInt8(100 * y + $0) } })
  }

  @Test func crops() throws {
    let crop = try image.cropped(to: Region(x: 4, y: 0, width: 2, height: 2))
    #expect(crop.width == 2 && crop.height == 2)
    #expect(crop.pixels == [12, 13, 14, 15, 16, 17, 112, 113, 114, 115, 116, 117])
    #expect(try image.cropped(to: Region(x: 0, y: 0, width: 6, height: 2)) == image)
    #expect(try image.cropped(to: Region(x: 5, y: 1, width: 1, height: 1)).pixels == [115, 116, 117])
  }

  @Test func cropAfterCropInTheSameMemory() throws {
    var crop = try image.cropped(to: Region(x: 0, y: 0, width: 2, height: 1))
    let address = crop.pixels.withUnsafeBufferPointer { $0.baseAddress }
    try crop.copy(Region(x: 3, y: 0, width: 1, height: 2), of: image)
    #expect(try crop == image.cropped(to: Region(x: 3, y: 0, width: 1, height: 2)))
    #expect(crop.pixels.withUnsafeBufferPointer { $0.baseAddress } == address)
    let before = crop
    #expect(throws: SceneError.self) { try crop.copy(Region(x: 6, y: 0, width: 1, height: 1), of: image) }
    #expect(crop == before)
  }

  @Test(arguments: [
    Region(x: 0, y: 0, width: 7, height: 1), Region(x: 1, y: 0, width: 6, height: 1),
    Region(x: 6, y: 0, width: 1, height: 1),
    Region(x: 0, y: 2, width: 1, height: 1), Region(x: 0, y: 1, width: 1, height: 2),
    Region(x: -1, y: 0, width: 2, height: 1), Region(x: 0, y: -1, width: 1, height: 1),
    Region(x: 0, y: 0, width: 0, height: 1), Region(x: 0, y: 0, width: 1, height: 0),
    Region(x: 0, y: 0, width: -1, height: 1), Region(x: 1, y: 0, width: .max, height: 1),
    Region(x: .max, y: .min, width: .max, height: .min),
  ])
  func regionsOutside(_ region: Region) {
    let reason =
      "a region must lie inside the 6x2 image, got \(region.width)x\(region.height) pixels at "
      + "(\(region.x), \(region.y))"
    #expect(throws: SceneError.invalidShape(reason)) { try image.cropped(to: region) }
    #expect(throws: SceneError.invalidShape(reason)) { try Witness().detect(image, in: region) }
  }

  @Test func detectionsInARegionAreThoseOfThePicture() throws {
    let found = try Witness().detect(image, in: Region(x: 2, y: 1, width: 3, height: 1))
    #expect(found.map(\.box) == [Box(x1: 2, y1: 1, x2: 5, y2: 2)])
    #expect(found.map(\.score) == [106 / 255])
    #expect(found.map(\.circle) == [Circle(x: 3, y: 3, radius: 3)])
    #expect(found.map { $0.mask?.rows } == [["......", "..#..."]])
  }

  @Test func regionsAroundBoxes() {
    func region(_ x1: Float, _ y1: Float, _ x2: Float, _ y2: Float, margin: Float = 0) -> Region? {
      Region(covering: Box(x1: x1, y1: y1, x2: x2, y2: y2), margin: margin, width: 10, height: 8)
    }
    #expect(region(1.5, 2, 3.25, 4) == Region(x: 1, y: 2, width: 3, height: 2))
    #expect(region(1, 2, 3, 4) == Region(x: 1, y: 2, width: 2, height: 2))
    #expect(region(1.5, 2, 3.25, 4, margin: 1) == Region(x: 0, y: 1, width: 5, height: 4))
    #expect(region(-5, -5, 50, 50) == Region(x: 0, y: 0, width: 10, height: 8))
    #expect(region(-.infinity, 0, .infinity, 1e30) == Region(x: 0, y: 0, width: 10, height: 8))
    #expect(region(-5, 0, 0, 4) == nil)
    #expect(region(10, 0, 12, 4) == nil)
    #expect(region(3, 3, 3, 3) == nil)
    #expect(region(.nan, 0, 1, 1) == nil)
    #expect(region(2, 2, 6, 6, margin: -2) == nil)
    #expect(Region(x: 1, y: 2, width: 3, height: 4).box == Box(x1: 1, y1: 2, x2: 4, y2: 6))
  }
}
