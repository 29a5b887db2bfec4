/// An 8-bit RGB picture, laid out `[height][width][3]`, rows from top to bottom, without padding.
public struct Image: Sendable, Equatable {
  /// Width in pixels, at least 1.
  public let width: Int
  /// Height in pixels, at least 1.
  public let height: Int
  /// The samples, red, green, blue, `width * height * 3` of them: an assignment of another count traps, as an index out
  /// of an array's range does.
  public var pixels: [UInt8] {
    didSet { precondition(pixels.count == width * height * 3, "an image keeps its \(width)x\(height)x3 samples") }
  }

  /// Makes a picture from its samples.
  ///
  /// - Throws: `TensorError.invalidShape` when a side is below 1 or the count of samples is not `width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(TensorError) {
    let (area, areaOverflow) = width.multipliedReportingOverflow(by: height)
    let (count, countOverflow) = area.multipliedReportingOverflow(by: 3)
    guard width > 0, height > 0, !areaOverflow, !countOverflow else {
      throw .invalidShape("an image needs sides of at least 1 pixel, got \(width)x\(height)")
    }
    guard pixels.count == count else {
      throw .invalidShape("a \(width)x\(height) RGB image has \(count) samples, got \(pixels.count)")
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
