/// The pixels of one object in an image, as run lengths.
///
/// Its memory is proportional to the length of the mask's border, not to the area of the image. Two masks are equal if
/// their sizes and pixels are.
public struct Mask: Sendable, Hashable {
  /// The largest side in pixels: `Float` can represent every pixel edge up to this number.
  public static let largestSide = 1 << 24
  /// The largest number of pixels of an image: readers written in C can count them without overflow.
  public static let largestArea = Int(Int32.max)

  /// The width of the image in pixels, at least 1.
  public let width: Int
  /// The height of the image in pixels, at least 1.
  public let height: Int
  /// The lengths of alternating runs of pixels outside and inside the mask, beginning outside. Pixels are in COCO's
  /// order: columns from left to right, each from top to bottom. The lengths add up to `width * height`; only the first
  /// may be 0.
  public let runs: [UInt32]

  /// Makes a mask from its runs. Runs of length 0 are allowed anywhere; their neighbours are joined.
  ///
  /// - Throws: `SceneError.invalidShape` if a side is outside `1...largestSide`, the image has more than
  ///   `largestArea` pixels, or the runs do not add up to its pixels.
  public init(width: Int, height: Int, runs: [UInt32]) throws(SceneError) {
    let area = try Self.area(width: width, height: height)
    var builder = RunBuilder()
    var sum = 0
    for (index, run) in runs.enumerated() {
      guard Int(run) <= area - sum else {
        throw .invalidShape(
          "the runs of a \(width)x\(height) mask must add up to \(area) pixels, got more at run \(index)")
      }
      sum += Int(run)
      builder.append(Int(run), inside: !index.isMultiple(of: 2))
    }
    guard sum == area else {
      throw .invalidShape("the runs of a \(width)x\(height) mask must add up to \(area) pixels, got \(sum)")
    }
    self.init(width: width, height: height, canonical: builder.runs)
  }

  /// Makes a mask from a bitmap of a part of the image, in time proportional to the size of the bitmap. All other
  /// pixels are outside the mask.
  ///
  /// - Parameters:
  ///   - bitmap: Values in the layout `[bitmapHeight][bitmapWidth]`, rows from top to bottom; 0 is outside, all others
  ///     are inside.
  ///   - bitmapWidth: The width of the bitmap, 0 for an empty one. The height follows from the number of values.
  ///   - x: The column of the image at which the bitmap begins.
  ///   - y: The row of the image at which the bitmap begins.
  ///   - width: The width of the image in pixels.
  ///   - height: The height of the image in pixels.
  /// - Throws: `SceneError.invalidShape` if a side is outside `1...largestSide`, the image has more than `largestArea`
  ///   pixels, the bitmap has an incomplete row, or it reaches beyond the image.
  public init(
    bitmap: [UInt8], bitmapWidth: Int, x: Int, y: Int, width: Int, height: Int
  ) throws(SceneError) {
    let area = try Self.area(width: width, height: height)
    guard bitmapWidth > 0 ? bitmap.count.isMultiple(of: bitmapWidth) : bitmapWidth == 0 && bitmap.isEmpty else {
      throw .invalidShape("a bitmap of width \(bitmapWidth) must have complete rows, got \(bitmap.count) values")
    }
    let bitmapHeight = bitmapWidth > 0 ? bitmap.count / bitmapWidth : 0
    guard (0...width).contains(x), (0...height).contains(y), bitmapWidth <= width - x, bitmapHeight <= height - y else {
      throw .invalidShape(
        "a bitmap must lie inside the \(width)x\(height) image, got \(bitmapWidth)x\(bitmapHeight) pixels at "
          + "(\(x), \(y))")
    }
    var builder = RunBuilder()
    builder.append(x * height, inside: false)
    builder.append(bitmap, width: bitmapWidth, height: bitmapHeight, above: y, below: height - y - bitmapHeight)
    builder.append(area - (x + bitmapWidth) * height, inside: false)
    self.init(width: width, height: height, canonical: builder.runs)
  }

  /// Makes a mask from runs that already have the form described at `runs`.
  init(width: Int, height: Int, canonical runs: [UInt32]) {
    self.width = width
    self.height = height
    self.runs = runs
  }

  /// Returns the number of pixels of an image after checking its size.
  static func area(width: Int, height: Int) throws(SceneError) -> Int {
    guard (1...largestSide).contains(width), (1...largestSide).contains(height) else {
      throw .invalidShape("the sides of a mask must be 1 to \(largestSide) pixels, got \(width)x\(height)")
    }
    guard width * height <= largestArea else {
      throw .invalidShape("a mask must have at most \(largestArea) pixels, got \(width)x\(height)")
    }
    return width * height
  }
}

extension Mask {
  /// The number of pixels inside the mask.
  public var area: Int {
    var area = 0
    for index in stride(from: 1, to: runs.count, by: 2) { area += Int(runs[index]) }
    return area
  }

  /// Whether no pixel is inside the mask.
  public var isEmpty: Bool { runs.count == 1 }

  /// The smallest box around all pixels inside the mask; nil if there are none.
  public var boundingBox: Box? {
    var columns: (first: Int, last: Int)?
    var (top, bottom) = (height, 0)
    for span in spans {
      columns = (columns?.first ?? span.x, span.x)
      top = min(top, span.rows.lowerBound)
      bottom = max(bottom, span.rows.upperBound)
    }
    return columns.map { Box(x1: Float($0.first), y1: Float(top), x2: Float($0.last + 1), y2: Float(bottom)) }
  }

  /// Whether a pixel is inside the mask; false outside the image. The time is proportional to the number of runs.
  public func contains(x: Int, y: Int) -> Bool {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return false }
    var remaining = x * height + y
    for (index, run) in runs.enumerated() {
      if remaining < Int(run) { return !index.isMultiple(of: 2) }
      remaining -= Int(run)
    }
    return false
  }

  /// Returns the number of pixels inside both masks.
  ///
  /// - Throws: `SceneError.invalidShape` if the masks differ in size.
  public func intersectionArea(with other: Mask) throws(SceneError) -> Int {
    var area = 0
    try forEachRun(with: other) { count, isInside, isInsideOther in
      if isInside, isInsideOther { area += count }
    }
    return area
  }

  /// Calls `body` with the runs of pixels in which neither mask changes, in COCO's order. Runs may be empty.
  ///
  /// - Throws: `SceneError.invalidShape` for masks of different sizes.
  func forEachRun(
    with other: Mask, _ body: (_ count: Int, _ isInside: Bool, _ isInsideOther: Bool) -> Void
  ) throws(SceneError) {
    guard width == other.width, height == other.height else {
      throw .invalidShape(
        "two masks must have the same size, got \(width)x\(height) and \(other.width)x\(other.height)")
    }
    var (index, otherIndex) = (0, 0)
    var (end, otherEnd) = (Int(runs[0]), Int(other.runs[0]))
    var position = 0
    while true {
      let next = min(end, otherEnd)
      body(next - position, !index.isMultiple(of: 2), !otherIndex.isMultiple(of: 2))
      position = next
      // Both masks end at the last pixel of the image.
      if end == next {
        index += 1
        guard index < runs.count else { return }
        end += Int(runs[index])
      }
      if otherEnd == next {
        otherIndex += 1
        guard otherIndex < other.runs.count else { return }
        otherEnd += Int(other.runs[otherIndex])
      }
    }
  }

  /// Returns the intersection over union of two masks, 0 to 1. It is 0 if both are empty.
  ///
  /// - Throws: `SceneError.invalidShape` if the masks differ in size.
  public func iou(with other: Mask) throws(SceneError) -> Double {
    let intersection = try intersectionArea(with: other)
    let union = area + other.area - intersection
    return union == 0 ? 0 : Double(intersection) / Double(union)
  }
}
