/// An 8-bit RGB image, laid out `[height][width][3]`, rows from top to bottom, without padding.
public struct Image: Sendable, Equatable {
  /// The largest side: up to here `Float` holds every pixel edge exactly.
  public static let largestSide = 1 << 24

  /// Width in pixels, `1...largestSide`.
  public private(set) var width: Int
  /// Height in pixels, `1...largestSide`.
  public private(set) var height: Int
  /// The samples, red, green, blue, `width * height * 3` of them: an assignment of another count traps, as an index out
  /// of an array's range does.
  public var pixels: [UInt8] {
    get { samples }
    _modify {
      defer { precondition(samples.count == width * height * 3, "an image keeps its \(width)x\(height)x3 samples") }
      yield &samples
    }
  }

  private var samples: [UInt8]

  /// Makes an image from its samples.
  ///
  /// - Throws: `SceneError.invalidShape` when a side is not `1...largestSide` or the count of samples is not
  ///   `width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(SceneError) {
    try Self.check(width: width, height: height)
    guard pixels.count == width * height * 3 else {
      throw .invalidShape(
        "a \(width)x\(height) RGB image has \(width * height * 3) samples, got \(pixels.count)")
    }
    self.width = width
    self.height = height
    samples = pixels
  }

  /// Makes an image whose samples `fill` writes; the sides are checked.
  init(width: Int, height: Int, _ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
    self.width = width
    self.height = height
    samples = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      count = width * height * 3
      if let base = buffer.baseAddress { fill(base) }
    }
  }

  /// Writes all samples anew at a size that is checked: into the memory that is there, where nothing else shares it and
  /// the count of samples stays.
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
  /// - Throws: `SceneError.invalidShape` when one is not `1...largestSide`.
  static func check(width: Int, height: Int) throws(SceneError) {
    let sides = 1...Self.largestSide
    guard sides.contains(width), sides.contains(height) else {
      throw .invalidShape("an image needs sides of 1 to \(Self.largestSide) pixels, got \(width)x\(height)")
    }
  }
}
