extension Image {
  /// Makes an image from a frame in an array.
  ///
  ///     let image = try Image(copying: frame, layout: FrameLayout(.bgr, width: 1280, height: 720))
  ///
  /// - Parameters:
  ///   - bytes: The buffer; bytes after the frame are ignored.
  ///   - layout: The layout of the frame in the buffer.
  /// - Throws: `SceneError` for an inconsistent layout (see `FrameLayout.byteCount()`) or a buffer with fewer bytes
  ///   than the layout needs.
  public init(copying bytes: [UInt8], layout: FrameLayout) throws(SceneError) {
    try self.init(copying: bytes.span.bytes, layout: layout)
  }

  /// Replaces the image by a frame in an array.
  ///
  /// The memory is reused: nothing is allocated if the number of pixels stays the same and no copy of the image exists.
  ///
  /// - Throws: `SceneError` for an inconsistent layout (see `FrameLayout.byteCount()`) or a buffer with fewer bytes
  ///   than the layout needs. The image is then unchanged.
  public mutating func copy(_ bytes: [UInt8], layout: FrameLayout) throws(SceneError) {
    try copy(bytes.span.bytes, layout: layout)
  }

  /// Makes an image from a frame in any memory.
  ///
  /// - Parameters:
  ///   - bytes: The buffer: `span.bytes` of a collection, or `pointer.bytes` of an unsafe buffer from C.
  ///   - layout: The layout of the frame in the buffer.
  /// - Throws: `SceneError` for an inconsistent layout (see `FrameLayout.byteCount()`) or a buffer with fewer bytes
  ///   than the layout needs.
  public init(copying bytes: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, byteCount: bytes.byteCount)
    self = bytes.withUnsafeBytes { bytes in
      Image(width: layout.width, height: layout.height) { frame.convert(bytes, to: $0) }
    }
  }

  /// Replaces the image by a frame in any memory.
  ///
  /// The memory of the image is reused: nothing is allocated if the number of pixels stays the same and no copy of the
  /// image exists.
  ///
  /// - Throws: `SceneError` for an inconsistent layout (see `FrameLayout.byteCount()`) or a buffer with fewer bytes
  ///   than the layout needs. The image is then unchanged.
  public mutating func copy(_ bytes: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, byteCount: bytes.byteCount)
    bytes.withUnsafeBytes { bytes in
      rewrite(width: layout.width, height: layout.height) { frame.convert(bytes, to: $0) }
    }
  }

  /// Makes an image from an `nv12` frame whose planes are in two buffers.
  ///
  /// - Parameters:
  ///   - luma: The luma plane, which `layout.offset` and `layout.stride` describe.
  ///   - chroma: The chroma plane, which `layout.chromaOffset` (here 0 by default) and `layout.chromaStride` describe.
  ///   - layout: The layout of the frame in both buffers.
  /// - Throws: `SceneError` for a format other than `nv12`, an inconsistent layout (see `FrameLayout.byteCount()`), or
  ///   a buffer with fewer bytes than the layout needs.
  public init(copyingLuma luma: RawSpan, chroma: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, lumaCount: luma.byteCount, chromaCount: chroma.byteCount)
    self = luma.withUnsafeBytes { luma in
      chroma.withUnsafeBytes { chroma in
        Image(width: layout.width, height: layout.height) { frame.convert(luma, chroma: chroma, to: $0) }
      }
    }
  }

  /// Replaces the image by an `nv12` frame whose planes are in two buffers.
  ///
  /// The memory of the image is reused: nothing is allocated if the number of pixels stays the same and no copy of the
  /// image exists. The parameters are those of `init(copyingLuma:chroma:layout:)`.
  ///
  /// - Throws: `SceneError` for a format other than `nv12`, an inconsistent layout (see `FrameLayout.byteCount()`), or
  ///   a buffer with fewer bytes than the layout needs. The image is then unchanged.
  public mutating func copy(luma: RawSpan, chroma: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, lumaCount: luma.byteCount, chromaCount: chroma.byteCount)
    luma.withUnsafeBytes { luma in
      chroma.withUnsafeBytes { chroma in
        rewrite(width: layout.width, height: layout.height) { frame.convert(luma, chroma: chroma, to: $0) }
      }
    }
  }
}

/// A layout whose bytes were checked to lie inside the buffers.
private struct CheckedFrame {
  private let layout: FrameLayout
  private let planes: FrameLayout.Planes

  init(_ layout: FrameLayout, byteCount: Int) throws(SceneError) {
    planes = try layout.planes()
    guard byteCount >= planes.end else {
      throw .invalidShape(
        "a \(layout.width)x\(layout.height) frame in \(layout.format.rawValue) of stride \(layout.stride)"
          + "\(layout.placement) must have at least \(planes.end) bytes, got \(byteCount)")
    }
    self.layout = layout
  }

  init(_ layout: FrameLayout, lumaCount: Int, chromaCount: Int) throws(SceneError) {
    guard layout.format == .nv12 else {
      throw .invalidParameter("a frame in two planes must be in nv12, got \(layout.format.rawValue)")
    }
    var layout = layout
    layout.chromaOffset = layout.chromaOffset ?? 0
    planes = try layout.planes()
    for (name, plane, count) in [
      ("luma", planes.first, lumaCount), ("chroma", planes.chroma ?? planes.first, chromaCount),
    ]
    where count < plane.end {
      throw .invalidShape(
        "the \(name) of a \(layout.width)x\(layout.height) frame of stride \(plane.stride) must have at least "
          + "\(plane.end) bytes, got \(count)")
    }
    self.layout = layout
  }

  /// Writes the pixels as `width * height * 3` samples.
  func convert(
    _ bytes: UnsafeRawBufferPointer, chroma: UnsafeRawBufferPointer? = nil, to target: UnsafeMutablePointer<UInt8>
  ) {
    guard let base = bytes.baseAddress, let chromaBase = (chroma ?? bytes).baseAddress else { return }
    let width = layout.width
    let ycbcr = YCbCr(layout.encoding)
    for y in 0..<layout.height {
      let row = (base + planes.first.offset + y * planes.first.stride).assumingMemoryBound(to: UInt8.self)
      let line = target + y * width * 3
      switch layout.format {
      case .rgb: line.update(from: row, count: width * 3)
      case .bgr: copyPixels(row, step: 3, red: 2, to: line, count: width)
      case .rgba: copyPixels(row, step: 4, red: 0, to: line, count: width)
      case .bgra: copyPixels(row, step: 4, red: 2, to: line, count: width)
      case .gray:
        for x in 0..<width { (line + 3 &* x).update(repeating: row[x], count: 3) }
      case .nv12:
        guard let plane = planes.chroma, y.isMultiple(of: 2) else { continue }
        let colors = (chromaBase + plane.offset + y / 2 * plane.stride).assumingMemoryBound(to: UInt8.self)
        ycbcr.convert(row, row + planes.first.stride, colors, to: line, line + width * 3, count: width)
      }
    }
  }

  /// Copies pixels of `step` bytes, in which red is at index `red` and blue at `2 - red`.
  @inline(__always)
  private func copyPixels(
    _ row: UnsafePointer<UInt8>, step: Int, red: Int, to line: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    for x in 0..<count {
      let (source, target) = (row + step &* x, line + 3 &* x)
      (target[0], target[1], target[2]) = (source[red], source[1], source[2 &- red])
    }
  }
}
