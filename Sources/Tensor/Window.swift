/// How a kernel or a pooling window moves over a map.
struct Window: Hashable, Sendable {
  /// The size of the kernel.
  var kernel: Extent
  /// The step from one output to the next, in input pixels.
  var stride: Extent = 1
  /// The width of the border around the input, in pixels.
  var padding: Extent = 0
  /// The step from one kernel position to the next, in input pixels.
  var dilation: Extent = 1

  /// The number of kernel positions.
  var positions: Int { kernel.height * kernel.width }

  /// The shape of an output of the given number of channels; an extent of 0 where the kernel does not fit.
  func outputShape(for input: Shape, channels: Int) -> Shape {
    func extent(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      let space = size + 2 * padding - dilation * (kernel - 1) - 1
      return space < 0 ? 0 : space / stride + 1
    }
    return Shape(
      batch: input.batch, height: extent(input.height, kernel.height, stride.height, padding.height, dilation.height),
      width: extent(input.width, kernel.width, stride.width, padding.width, dilation.width), channels: channels)
  }

  /// Whether a kernel row is one run of elements in a dense input: there is no padding and no dilation.
  var canMergeRows: Bool { padding == 0 && dilation == 1 && kernel.width > 1 }
}
