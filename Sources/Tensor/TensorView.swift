/// A window on NHWC floats that somebody else owns: all pixels, a range of the channels. The unchecked currency
/// between operators inside the package; valid as long as its owner.
package struct TensorView {
  package let base: UnsafeMutablePointer<Float>
  package let shape: Shape
  /// Floats from one pixel to the next; more than `shape.channels` when the view is a slice.
  package let pixelStride: Int

  package init(_ base: UnsafeMutablePointer<Float>, _ shape: Shape, pixelStride: Int? = nil) {
    self.base = base
    self.shape = shape
    self.pixelStride = pixelStride ?? shape.channels
    assert(self.pixelStride >= shape.channels)
  }

  /// The same pixels, only these channels. Writing several slices of one view is how tensors are concatenated.
  package func channels(_ range: Range<Int>) -> TensorView {
    assert(range.lowerBound >= 0 && range.upperBound <= shape.channels)
    var narrow = shape
    narrow.channels = range.count
    return TensorView(base + range.lowerBound, narrow, pixelStride: pixelStride)
  }

  /// Whether the channels of neighbouring pixels follow each other without a gap.
  package var isDense: Bool { pixelStride == shape.channels }

  package func pixel(_ index: Int) -> UnsafeMutablePointer<Float> { base + index &* pixelStride }
}
