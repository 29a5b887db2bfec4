extension Image {
  /// Makes an image from a frame in an array.
  ///
  ///     let image = try Image(copying: frame, layout: FrameLayout(.bgr, width: 1280, height: 720))
  ///
  /// - Throws: as for bytes in any memory.
  public init(copying bytes: [UInt8], layout: FrameLayout) throws(SceneError) {
    try self.init(copying: bytes.span.bytes, layout: layout)
  }

  /// Replaces the image by a frame in an array, in the memory that is there.
  ///
  /// - Throws: as for bytes in any memory.
  public mutating func copy(_ bytes: [UInt8], layout: FrameLayout) throws(SceneError) {
    try copy(bytes.span.bytes, layout: layout)
  }

  /// Makes an image from a frame in any memory.
  ///
  /// - Parameters:
  ///   - bytes: the buffer: `pointer.bytes` of an unsafe buffer that C gave, `span.bytes` of a collection.
  ///   - layout: where the pixels lie in it.
  /// - Throws: `SceneError` for a layout that does not hold together, as `FrameLayout.byteCount()`, and for a buffer with
  ///   fewer bytes than the layout needs.
  public init(copying bytes: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, byteCount: bytes.byteCount)
    self = bytes.withUnsafeBytes { bytes in
      Image(width: layout.width, height: layout.height) { frame.convert(bytes, to: $0) }
    }
  }

  /// Replaces the image by a frame, in the memory that is there: nothing is allocated where the size stays and no copy
  /// of the image is left.
  ///
  /// - Throws: as `init(copying:layout:)`; the image then stays as it is.
  public mutating func copy(_ bytes: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, byteCount: bytes.byteCount)
    bytes.withUnsafeBytes { bytes in
      rewrite(width: layout.width, height: layout.height) { frame.convert(bytes, to: $0) }
    }
  }

  /// Makes an image from a frame in `nv12` whose planes are two buffers.
  ///
  /// - Parameters:
  ///   - luma: the buffer that `layout.offset` and `layout.stride` describe.
  ///   - chroma: the buffer that `layout.chromaOffset`, by default 0, and `layout.chromaStride` describe.
  ///   - layout: where the pixels lie in them.
  /// - Throws: as `init(copying:layout:)`, and for another format.
  public init(copyingLuma luma: RawSpan, chroma: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, lumaCount: luma.byteCount, chromaCount: chroma.byteCount)
    self = luma.withUnsafeBytes { luma in
      chroma.withUnsafeBytes { chroma in
        Image(width: layout.width, height: layout.height) { frame.convert(luma, chroma: chroma, to: $0) }
      }
    }
  }

  /// Replaces the image by a frame in `nv12` whose planes are two buffers, in the memory that is there.
  ///
  /// - Throws: as `init(copyingLuma:chroma:layout:)`; the image then stays as it is.
  public mutating func copy(luma: RawSpan, chroma: RawSpan, layout: FrameLayout) throws(SceneError) {
    let frame = try CheckedFrame(layout, lumaCount: luma.byteCount, chromaCount: chroma.byteCount)
    luma.withUnsafeBytes { luma in
      chroma.withUnsafeBytes { chroma in
        rewrite(width: layout.width, height: layout.height) { frame.convert(luma, chroma: chroma, to: $0) }
      }
    }
  }
}

/// A layout whose every byte lies inside its buffers.
private struct CheckedFrame {
  private let layout: FrameLayout
  private let first: FrameLayout.Plane
  private let chroma: FrameLayout.Plane?

  init(_ layout: FrameLayout, byteCount: Int) throws(SceneError) {
    let needed = try layout.byteCount()
    guard byteCount >= needed else {
      throw .invalidShape(
        "a \(layout.width)x\(layout.height) frame in \(layout.format.rawValue) of stride \(layout.stride) needs \(needed) "
          + "bytes, got \(byteCount)")
    }
    self.layout = layout
    (first, chroma) = try layout.planes()
  }

  init(_ layout: FrameLayout, lumaCount: Int, chromaCount: Int) throws(SceneError) {
    guard layout.format == .nv12 else {
      throw .invalidParameter("a frame in \(layout.format.rawValue) has one plane, got two")
    }
    var layout = layout
    layout.chromaOffset = layout.chromaOffset ?? 0
    (first, chroma) = try layout.planes()
    for (name, plane, count) in [("luma", first, lumaCount), ("chroma", chroma ?? first, chromaCount)]
    where count < plane.end {
      throw .invalidShape(
        "the \(name) of a \(layout.width)x\(layout.height) frame of stride \(plane.stride) needs \(plane.end) bytes, got "
          + "\(count)")
    }
    self.layout = layout
  }

  /// Writes the pixels, `width * height * 3` samples.
  func convert(
    _ bytes: UnsafeRawBufferPointer, chroma: UnsafeRawBufferPointer? = nil, to target: UnsafeMutablePointer<UInt8>
  ) {
    guard let base = bytes.baseAddress, let chromaBase = (chroma ?? bytes).baseAddress else { return }
    let width = layout.width
    let ycbcr = YCbCr(layout.encoding)
    for y in 0..<layout.height {
      let row = (base + first.offset + y * first.stride).assumingMemoryBound(to: UInt8.self)
      let line = target + y * width * 3
      switch layout.format {
      case .rgb: line.update(from: row, count: width * 3)
      case .bgr: copyPixels(row, step: 3, red: 2, to: line, count: width)
      case .rgba: copyPixels(row, step: 4, red: 0, to: line, count: width)
      case .bgra: copyPixels(row, step: 4, red: 2, to: line, count: width)
      case .grey:
        for x in 0..<width { (line + 3 &* x).update(repeating: row[x], count: 3) }
      case .nv12:
        guard let plane = self.chroma, y.isMultiple(of: 2) else { continue }
        let colors = (chromaBase + plane.offset + y / 2 * plane.stride).assumingMemoryBound(to: UInt8.self)
        ycbcr.convert(row, row + first.stride, colors, to: line, line + width * 3, count: width)
      }
    }
  }

  /// Copies pixels of `step` bytes, whose red is at `red` and whose blue at `2 - red`.
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
