/// The shape of a tensor, `[N, H, W, C]`: batch, height, width and channels, in the order of memory (NHWC).
public struct Shape: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// `N`, the number of images or feature maps.
  public var batch: Int
  /// `H`, the number of rows.
  public var height: Int
  /// `W`, the number of pixels per row.
  public var width: Int
  /// `C`, the number of channels per pixel. The channels of a pixel are contiguous in memory.
  public var channels: Int

  /// Makes a shape `[batch, height, width, channels]`.
  public init(batch: Int = 1, height: Int, width: Int, channels: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// The number of pixels of all maps, `batch * height * width`. Traps if it overflows.
  public var pixels: Int { batch * height * width }

  /// The number of elements, `pixels * channels`. Traps if it overflows.
  public var count: Int { pixels * channels }

  /// The shape as text, such as `[1, 640, 640, 3]`.
  public var description: String { "[\(batch), \(height), \(width), \(channels)]" }

  /// Throws unless every extent is at least 1 and there are at most 2^32 elements.
  func validate() throws(TensorError) {
    var count = 1
    for extent in [batch, height, width, channels] {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, product <= 1 << 32 else {
        throw .invalidShape("a tensor must have extents of at least 1 and at most 2^32 elements, got \(self)")
      }
      count = product
    }
  }
}
