/// An 8-bit RGB picture, laid out `[height][width][3]`, rows from top to bottom, without padding.
public struct Image: Sendable, Equatable {
  /// The largest side: up to here `Float` holds every pixel edge exactly.
  public static let largestSide = 1 << 24

  /// Width in pixels, `1...largestSide`.
  public let width: Int
  /// Height in pixels, `1...largestSide`.
  public let height: Int
  /// The samples, red, green, blue, `width * height * 3` of them: an assignment of another count traps, as an index out
  /// of an array's range does.
  public var pixels: [UInt8] {
    didSet { precondition(pixels.count == width * height * 3, "an image keeps its \(width)x\(height)x3 samples") }
  }

  /// Makes a picture from its samples.
  ///
  /// - Throws: `SceneError.invalidShape` when a side is not `1...largestSide` or the count of samples is not
  ///   `width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(SceneError) {
    let sides = 1...Self.largestSide
    guard sides.contains(width), sides.contains(height) else {
      throw .invalidShape("an image needs sides of 1 to \(Self.largestSide) pixels, got \(width)x\(height)")
    }
    guard pixels.count == width * height * 3 else {
      throw .invalidShape(
        "a \(width)x\(height) RGB image has \(width * height * 3) samples, got \(pixels.count)")
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
