import Tensor

/// An 8-bit grey image, `[H][W]`, rows from top to bottom, without padding.
public struct GrayImage: Sendable, Equatable {
  /// Width in pixels, at least 1.
  public let width: Int
  /// Height in pixels, at least 1.
  public let height: Int
  /// The samples, `[H][W]`, 0 (black) to 255 (white).
  public let pixels: [UInt8]

  /// Makes an image from its samples.
  ///
  /// - Throws: `SceneError.invalidShape` when a side is below 1 or there are not `width * height` samples.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(SceneError) {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow else {
      throw .invalidShape("an image must have sides of at least 1 pixel, got \(width)x\(height)")
    }
    guard pixels.count == count else {
      throw .invalidShape("a \(width)x\(height) grey image needs \(count) samples, got \(pixels.count)")
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Makes an image of the given size whose samples `fill` writes.
  init(like size: (width: Int, height: Int), _ fill: (Plane) -> Void) {
    width = size.width
    height = size.height
    pixels = [UInt8](unsafeUninitializedCapacity: size.width * size.height) { buffer, count in
      count = size.width * size.height
      guard let base = buffer.baseAddress else { return }
      fill(Plane(base: base, width: size.width, height: size.height))
    }
  }

  /// Calls `body` with the samples.
  func withPlane<Result>(_ body: (Plane) throws -> Result) rethrows -> Result {
    try pixels.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("an image has samples") }
      return try body(Plane(base: UnsafeMutablePointer(mutating: base), width: width, height: height))
    }
  }
}

/// Samples `[H][W]` in memory that someone else owns. Threads may share it as long as they write to different rows.
struct Plane: BitwiseCopyable, @unchecked Sendable {
  let base: UnsafeMutablePointer<UInt8>
  let width: Int
  let height: Int

  func row(_ y: Int) -> UnsafeMutablePointer<UInt8> { base + y * width }
}

extension Workspace {
  /// Allocates uninitialised memory, valid until the enclosing scope ends.
  func allocate<Element: BitwiseCopyable>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
    arena.allocate(type, count)
  }

  func plane(width: Int, height: Int) -> Plane {
    Plane(base: allocate(UInt8.self, width * height), width: width, height: height)
  }

  /// Runs `body` in parallel over bands of at most `size` rows that together are `0..<height`.
  func parallel(rows height: Int, band size: Int, _ body: @Sendable (_ worker: Int, _ rows: Range<Int>) -> Void) {
    parallel((height + size - 1) / size) { worker, band in
      body(worker, band * size..<min((band + 1) * size, height))
    }
  }
}
