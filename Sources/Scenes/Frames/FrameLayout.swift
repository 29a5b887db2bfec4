/// Where the pixels of an image lie in a buffer: a camera's, a video decoder's, another library's.
public struct FrameLayout: Sendable, Hashable {
  /// How a pixel is stored.
  public var format: PixelFormat
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// Bytes from the start of one row to the start of the next, at least those of a row; of both planes for `nv12`, unless
  /// `chromaStride` says otherwise.
  public var stride: Int
  /// Bytes before the first row.
  public var offset: Int
  /// Bytes before the first row of chroma, for `nv12`; nil where it follows the last row of luma.
  public var chromaOffset: Int?
  /// Bytes from one row of chroma to the next, for `nv12`; nil where it is `stride`.
  public var chromaStride: Int?
  /// How luma and chroma become colours, for `nv12`.
  public var encoding: YCbCrEncoding

  /// Describes a buffer.
  ///
  /// - Parameters:
  ///   - format: how a pixel is stored.
  ///   - width: width in pixels.
  ///   - height: height in pixels.
  ///   - stride: bytes from row to row; by default those of a row without padding.
  ///   - offset: bytes before the first row.
  ///   - chromaOffset: bytes before the first row of chroma, for `nv12`.
  ///   - chromaStride: bytes from one row of chroma to the next, for `nv12`.
  ///   - encoding: how luma and chroma become colours, for `nv12`.
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

  /// The least number of bytes of a buffer with this layout.
  ///
  /// - Throws: `SceneError.invalidShape` for sides that no image has, odd ones for `nv12`, strides shorter than a row,
  ///   negative offsets, and sizes beyond what an `Int` counts.
  public func byteCount() throws(SceneError) -> Int {
    let planes = try planes()
    return max(planes.first.end, planes.chroma?.end ?? 0)
  }

  /// A plane of a buffer, whose last byte was checked.
  struct Plane {
    var offset: Int
    var stride: Int
    /// Bytes to the end of its last row.
    var end: Int

    init(_ name: String, offset: Int, stride: Int, rows: Int, rowBytes: Int) throws(SceneError) {
      guard offset >= 0 else { throw .invalidShape("\(name) begin at byte \(offset) of a frame; 0 is its first") }
      guard stride >= rowBytes else {
        throw .invalidShape("a stride of \(stride) bytes is shorter than the \(rowBytes) bytes of one of the \(name)")
      }
      let (before, overflow) = stride.multipliedReportingOverflow(by: rows - 1)
      let (inside, overflow2) = before.addingReportingOverflow(rowBytes)
      let (end, overflow3) = inside.addingReportingOverflow(offset)
      guard !overflow, !overflow2, !overflow3 else {
        throw .invalidShape("\(rows) \(name) of stride \(stride) from byte \(offset) on are beyond any memory")
      }
      self.offset = offset
      self.stride = stride
      self.end = end
    }
  }

  /// The planes, checked.
  func planes() throws(SceneError) -> (first: Plane, chroma: Plane?) {
    try Image.check(width: width, height: height)
    let first = try Plane(
      "rows", offset: offset, stride: stride, rows: height, rowBytes: width * format.bytesPerPixel)
    guard format == .nv12 else {
      guard chromaOffset == nil, chromaStride == nil else {
        throw .invalidParameter("a frame in \(format.rawValue) has no chroma rows, but an offset or a stride for them")
      }
      return (first, nil)
    }
    guard width.isMultiple(of: 2), height.isMultiple(of: 2) else {
      throw .invalidShape("a frame in nv12 has even sides, got \(width)x\(height)")
    }
    let (rows, overflow) = stride.multipliedReportingOverflow(by: height)
    let (next, overflow2) = rows.addingReportingOverflow(offset)
    guard chromaOffset != nil || !(overflow || overflow2) else {
      throw .invalidShape("\(height) rows of stride \(stride) from byte \(offset) on are beyond any memory")
    }
    let chroma = try Plane(
      "chroma rows", offset: chromaOffset ?? next, stride: chromaStride ?? stride, rows: height / 2, rowBytes: width)
    return (first, chroma)
  }
}
