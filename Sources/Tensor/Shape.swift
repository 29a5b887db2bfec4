/// The extents of a tensor in the only layout Limn uses: `[batch][height][width][channels]`, NHWC.
public struct Shape: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// Pictures or maps.
  public var batch: Int
  /// Rows.
  public var height: Int
  /// Pixels a row.
  public var width: Int
  /// Channels a pixel, contiguous in memory.
  public var channels: Int

  /// Makes a shape; `batch` is 1 unless given.
  public init(batch: Int = 1, height: Int, width: Int, channels: Int) {
    self.batch = batch
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// All pixels of all maps: `batch * height * width`, which must not overflow.
  public var pixels: Int { batch * height * width }

  /// Elements, `pixels * channels`, which must not overflow.
  public var count: Int { pixels * channels }

  /// `[N, H, W, C]`, for messages.
  public var description: String { "[\(batch), \(height), \(width), \(channels)]" }

  /// Throws unless every extent is at least 1 and the whole has at most 2^32 elements.
  func validate() throws(TensorError) {
    var count = 1
    for extent in [batch, height, width, channels] {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, product <= 1 << 32 else {
        throw .invalidShape("a tensor needs extents of at least 1 and at most 2^32 elements, got \(self)")
      }
      count = product
    }
  }
}
