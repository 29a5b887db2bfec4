/// The pixels of one object in an image, as run lengths.
///
/// Memory goes with the length of the mask's border, not with the image's area. Two masks of the same size and pixels
/// are equal.
public struct Mask: Sendable, Hashable {
  /// The largest side: up to here `Float` holds every pixel edge exactly.
  public static let largestSide = 1 << 24
  /// The most pixels of an image: up to here readers in C count without overflow.
  public static let largestArea = Int(Int32.max)

  /// The image's width in pixels, at least 1.
  public let width: Int
  /// The image's height in pixels, at least 1.
  public let height: Int
  /// The lengths of alternating runs of pixels outside and inside, beginning outside, in COCO's order: columns from left
  /// to right, each from top to bottom. They add up to `width * height`; only the first may be 0.
  public let runs: [UInt32]

  /// Makes a mask from its runs; runs of length 0 are allowed anywhere and merged away.
  ///
  /// - Throws: `SceneError.invalidShape` when a side is outside `1...largestSide`, the image has more than
  ///   `largestArea` pixels, or the runs do not add up to its pixels.
  public init(width: Int, height: Int, runs: [UInt32]) throws(SceneError) {
    let area = try Self.area(width: width, height: height)
    var builder = RunBuilder()
    var sum = 0
    for (index, run) in runs.enumerated() {
      guard Int(run) <= area - sum else {
        throw .invalidShape("the runs of a \(width)x\(height) mask pass its \(area) pixels at run \(index)")
      }
      sum += Int(run)
      builder.append(Int(run), inside: !index.isMultiple(of: 2))
    }
    guard sum == area else {
      throw .invalidShape("the runs of a \(width)x\(height) mask add up to \(sum) pixels, not \(area)")
    }
    self.init(width: width, height: height, canonical: builder.runs)
  }

  /// Puts a bitmap into a larger, otherwise empty image, in time proportional to the bitmap.
  ///
  /// - Parameters:
  ///   - bitmap: `[bitmapHeight][bitmapWidth]`, rows from top to bottom; 0 is outside, all else inside.
  ///   - bitmapWidth: the bitmap's width; with it the count of values gives the height. 0 for an empty bitmap.
  ///   - x: the column of the image under the bitmap's first.
  ///   - y: the row of the image under the bitmap's first.
  ///   - width: the image's width.
  ///   - height: the image's height.
  /// - Throws: `SceneError.invalidShape` as `init(width:height:runs:)`, when the bitmap is no rectangle, or when it
  ///   reaches beyond the image.
  public init(
    bitmap: [UInt8], bitmapWidth: Int, x: Int, y: Int, width: Int, height: Int
  ) throws(SceneError) {
    let area = try Self.area(width: width, height: height)
    guard bitmapWidth > 0 ? bitmap.count.isMultiple(of: bitmapWidth) : bitmapWidth == 0 && bitmap.isEmpty else {
      throw .invalidShape("\(bitmap.count) values are no bitmap of width \(bitmapWidth)")
    }
    let bitmapHeight = bitmapWidth > 0 ? bitmap.count / bitmapWidth : 0
    guard (0...width).contains(x), (0...height).contains(y), bitmapWidth <= width - x, bitmapHeight <= height - y else {
      throw .invalidShape(
        "a \(bitmapWidth)x\(bitmapHeight) bitmap at (\(x), \(y)) reaches beyond its \(width)x\(height) picture")
    }
    var builder = RunBuilder()
    builder.append(x * height, inside: false)
    builder.append(bitmap, width: bitmapWidth, height: bitmapHeight, above: y, below: height - y - bitmapHeight)
    builder.append(area - (x + bitmapWidth) * height, inside: false)
    self.init(width: width, height: height, canonical: builder.runs)
  }

  /// Trusts that the runs are what `runs` promises.
  init(width: Int, height: Int, canonical runs: [UInt32]) {
    self.width = width
    self.height = height
    self.runs = runs
  }

  /// The number of an image's pixels, where a mask may cover it.
  static func area(width: Int, height: Int) throws(SceneError) -> Int {
    guard (1...largestSide).contains(width), (1...largestSide).contains(height) else {
      throw .invalidShape("the sides of a mask lie within 1...\(largestSide), got \(width)x\(height)")
    }
    guard width * height <= largestArea else {
      throw .invalidShape("a mask covers up to \(largestArea) pixels, got \(width)x\(height)")
    }
    return width * height
  }
}

extension Mask {
  /// The number of pixels inside.
  public var area: Int {
    var area = 0
    for index in stride(from: 1, to: runs.count, by: 2) { area += Int(runs[index]) }
    return area
  }

  /// Whether no pixel is inside.
  public var isEmpty: Bool { runs.count == 1 }

  /// The edges of the smallest box that holds all pixels inside; nil when there is none.
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

  /// Whether a pixel is inside; false beyond the image. Takes time in proportion to the number of runs.
  public func contains(x: Int, y: Int) -> Bool {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return false }
    var remaining = x * height + y
    for (index, run) in runs.enumerated() {
      if remaining < Int(run) { return !index.isMultiple(of: 2) }
      remaining -= Int(run)
    }
    return false
  }

  /// The number of pixels inside both masks.
  ///
  /// - Throws: `SceneError.invalidShape` when the masks' images differ in size.
  public func intersectionArea(with other: Mask) throws(SceneError) -> Int {
    guard width == other.width, height == other.height else {
      throw .invalidShape("masks of \(width)x\(height) and \(other.width)x\(other.height) do not compare")
    }
    var area = 0
    var (index, otherIndex) = (0, 0)
    var (end, otherEnd) = (Int(runs[0]), Int(other.runs[0]))
    var position = 0
    while true {
      let next = min(end, otherEnd)
      if !index.isMultiple(of: 2), !otherIndex.isMultiple(of: 2) { area += next - position }
      position = next
      if end == next {
        index += 1
        guard index < runs.count else { return area }
        end += Int(runs[index])
      }
      if otherEnd == next {
        otherIndex += 1
        guard otherIndex < other.runs.count else { return area }
        otherEnd += Int(other.runs[otherIndex])
      }
    }
  }

  /// Intersection over union, 0 to 1; 0 when both masks are empty.
  ///
  /// - Throws: as `intersectionArea(with:)`.
  public func iou(with other: Mask) throws(SceneError) -> Double {
    let intersection = try intersectionArea(with: other)
    let union = area + other.area - intersection
    return union == 0 ? 0 : Double(intersection) / Double(union)
  }
}
