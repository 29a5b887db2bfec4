import Kernels

/// How the numbers of a map lie in memory.
package typealias MapFormat = Kernels.MapFormat

/// A window on an NHWC map that somebody else owns: all pixels, a range of the channels. The unchecked currency between
/// operators inside the package; valid as long as its owner.
package struct TensorView: BitwiseCopyable {
  package let memory: UnsafeMutableRawPointer
  package let shape: Shape
  /// Elements from one pixel to the next; more than `shape.channels` when the view is a slice.
  package let pixelStride: Int
  package let format: MapFormat

  package init(_ base: UnsafeMutablePointer<Float>, _ shape: Shape, pixelStride: Int? = nil) {
    self.init(UnsafeMutableRawPointer(base), shape, .init(.float32), pixelStride: pixelStride)
  }

  package init(_ memory: UnsafeMutableRawPointer, _ shape: Shape, _ format: MapFormat, pixelStride: Int? = nil) {
    self.memory = memory
    self.shape = shape
    self.format = format
    self.pixelStride = pixelStride ?? shape.channels
    assert(self.pixelStride >= shape.channels)
  }

  /// The same pixels, only these channels. Writing several slices of one view is how tensors are concatenated.
  package func channels(_ range: Range<Int>) -> TensorView {
    assert(range.lowerBound >= 0 && range.upperBound <= shape.channels)
    var narrow = shape
    narrow.channels = range.count
    return TensorView(
      memory + range.lowerBound * format.byteCount, narrow, format, pixelStride: pixelStride)
  }

  /// Whether the channels of neighbouring pixels follow each other without a gap.
  package var isDense: Bool { pixelStride == shape.channels }

  /// Where a pixel's first channel lies.
  package func address(_ pixel: Int) -> UnsafeMutableRawPointer { memory + pixel &* pixelStride &* format.byteCount }

  /// The first pixel of a map of floats.
  package var base: UnsafeMutablePointer<Float> {
    assert(format.kind == .float32)
    return memory.assumingMemoryBound(to: Float.self)
  }

  /// A pixel of a map of floats.
  package func pixel(_ index: Int) -> UnsafeMutablePointer<Float> { base + index &* pixelStride }
}
