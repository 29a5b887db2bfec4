/// The layout of an image in a buffer, such as that of a camera, a video decoder or another library.
public struct FrameLayout: Sendable, Hashable {
  /// The format of a pixel.
  public var format: PixelFormat
  /// The width in pixels.
  public var width: Int
  /// The height in pixels.
  public var height: Int
  /// The number of bytes from the start of one row to the start of the next, at least those of a row. For `nv12` it
  /// applies to both planes unless `chromaStride` is set.
  public var stride: Int
  /// The number of bytes before the first row.
  public var offset: Int
  /// The number of bytes before the first chroma row of `nv12`; nil if it follows the last luma row.
  ///
  /// It counts from the start of the buffer, or, if the planes are two buffers, from the start of the chroma buffer. Set
  /// it for decoders that pad the height: with 1088 rows for a height of 1080 it is `1088 * stride`.
  public var chromaOffset: Int?
  /// The number of bytes from one chroma row of `nv12` to the next; nil if it is `stride`.
  public var chromaStride: Int?
  /// The colour encoding of `nv12`.
  public var encoding: YCbCrEncoding

  /// Makes a layout; it is checked by `byteCount()`.
  ///
  /// - Parameters:
  ///   - format: The format of a pixel.
  ///   - width: The width in pixels.
  ///   - height: The height in pixels.
  ///   - stride: The number of bytes from one row to the next; by default that of a row without padding.
  ///   - offset: The number of bytes before the first row.
  ///   - chromaOffset: The number of bytes before the first chroma row of `nv12`; by default it follows the last luma
  ///     row.
  ///   - chromaStride: The number of bytes from one chroma row of `nv12` to the next; by default `stride`.
  ///   - encoding: The colour encoding of `nv12`.
  public init(
    _ format: PixelFormat, width: Int, height: Int, stride: Int? = nil, offset: Int = 0, chromaOffset: Int? = nil,
    chromaStride: Int? = nil, encoding: YCbCrEncoding = .bt601
  ) {
    self.format = format
    self.width = width
    self.height = height
    self.stride = stride ?? width.multipliedReportingOverflow(by: format.bytesPerPixel).partialValue
    self.offset = offset
    self.chromaOffset = chromaOffset
    self.chromaStride = chromaStride
    self.encoding = encoding
  }

  /// Returns the least number of bytes that a buffer with this layout has.
  ///
  /// - Throws: `SceneError.invalidShape` for a side outside `1...Image.largestSide`, an odd side of `nv12`, a stride
  ///   shorter than a row, a negative offset, or a size that overflows; `invalidParameter` for a chroma offset or
  ///   stride of another format than `nv12`.
  public func byteCount() throws(SceneError) -> Int {
    try planes().end
  }

  /// The offsets and strides that are not the usual ones, for an error.
  var placement: String {
    var text = offset == 0 ? "" : " from byte \(offset) on"
    if let chromaOffset { text += ", chroma from byte \(chromaOffset) on" }
    if let chromaStride { text += ", chroma of stride \(chromaStride)" }
    return text
  }

  /// A checked plane of a buffer.
  struct Plane {
    var offset: Int
    var stride: Int
    /// The number of bytes up to the end of its last row.
    var end: Int

    init(_ name: String, offset: Int, stride: Int, rows: Int, rowBytes: Int) throws(SceneError) {
      guard offset >= 0 else { throw .invalidShape("the offset of the \(name) must be at least 0, got \(offset)") }
      guard stride >= rowBytes else {
        throw .invalidShape("the stride of the \(name) must be at least \(rowBytes) bytes, got \(stride)")
      }
      let (before, overflow) = stride.multipliedReportingOverflow(by: rows - 1)
      let (inside, overflow2) = before.addingReportingOverflow(rowBytes)
      let (end, overflow3) = inside.addingReportingOverflow(offset)
      guard !overflow, !overflow2, !overflow3 else {
        throw .invalidShape("\(rows) \(name) of stride \(stride) from byte \(offset) on are more than any memory holds")
      }
      self.offset = offset
      self.stride = stride
      self.end = end
    }
  }

  /// The checked planes of a buffer.
  struct Planes {
    let first: Plane
    /// The chroma plane of `nv12`.
    let chroma: Plane?

    /// The number of bytes up to the end of the last plane.
    var end: Int { max(first.end, chroma?.end ?? 0) }
  }

  /// Returns the planes after checking them.
  func planes() throws(SceneError) -> Planes {
    try Image.check(width: width, height: height)
    let first = try Plane(
      "rows", offset: offset, stride: stride, rows: height, rowBytes: width * format.bytesPerPixel)
    guard format == .nv12 else {
      guard chromaOffset == nil, chromaStride == nil else {
        throw .invalidParameter("a chroma offset or stride must be of a frame in nv12, got \(format.rawValue)")
      }
      return Planes(first: first, chroma: nil)
    }
    guard width.isMultiple(of: 2), height.isMultiple(of: 2) else {
      throw .invalidShape("a frame in nv12 must have even sides, got \(width)x\(height)")
    }
    let (rows, overflow) = stride.multipliedReportingOverflow(by: height)
    let (next, overflow2) = rows.addingReportingOverflow(offset)
    guard chromaOffset != nil || !(overflow || overflow2) else {
      throw .invalidShape("\(height) rows of stride \(stride) from byte \(offset) on are more than any memory holds")
    }
    let chroma = try Plane(
      "chroma rows", offset: chromaOffset ?? next, stride: chromaStride ?? stride, rows: height / 2, rowBytes: width)
    return Planes(first: first, chroma: chroma)
  }
}
