/// An 8-bit RGB image in the layout `[height][width][3]`: rows from top to bottom, without padding.
public struct Image: Sendable, Equatable {
  /// The largest side in pixels: `Float` can represent every pixel edge up to this number.
  public static let largestSide = 1 << 24

  /// The width in pixels, `1...largestSide`.
  public private(set) var width: Int
  /// The height in pixels, `1...largestSide`.
  public private(set) var height: Int
  /// The `width * height * 3` samples, in the order red, green, blue. Changing their number traps, like an array index
  /// out of range.
  public var pixels: [UInt8] {
    get { samples }
    _modify {
      defer { precondition(samples.count == width * height * 3, "an image must keep its \(width)x\(height)x3 samples") }
      yield &samples
    }
  }

  private var samples: [UInt8]

  /// Makes an image from its samples.
  ///
  /// - Throws: `SceneError.invalidShape` if a side is outside `1...largestSide` or the number of samples is not
  ///   `width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(SceneError) {
    try Self.check(width: width, height: height)
    guard pixels.count == width * height * 3 else {
      throw .invalidShape(
        "a \(width)x\(height) RGB image must have \(width * height * 3) samples, got \(pixels.count)")
    }
    self.width = width
    self.height = height
    samples = pixels
  }

  /// Makes an image whose samples are written by `fill`. The caller has checked the sides.
  init(width: Int, height: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
    self.width = width
    self.height = height
    samples = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      count = width * height * 3
      if let base = buffer.baseAddress { fill(base) }
    }
  }

  /// Replaces size and samples. The caller has checked the sides. The memory is reused if no copy of the image shares
  /// it and the number of samples stays the same.
  mutating func rewrite(width: Int, height: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
    guard samples.count == width * height * 3 else {
      self = Image(width: width, height: height, fill)
      return
    }
    self.width = width
    self.height = height
    samples.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { fill(base) }
    }
  }

  /// Checks the sides of an image.
  ///
  /// - Throws: `SceneError.invalidShape` if one is outside `1...largestSide`.
  static func check(width: Int, height: Int) throws(SceneError) {
    let sides = 1...Self.largestSide
    guard sides.contains(width), sides.contains(height) else {
      throw .invalidShape("the sides of an image must be 1 to \(Self.largestSide) pixels, got \(width)x\(height)")
    }
  }
}
