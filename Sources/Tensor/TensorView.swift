import Kernels

/// The element type of a feature map, and how its bytes stand for real numbers.
package typealias MapFormat = Kernels.MapFormat

/// A view of an NHWC map: all its pixels, and a range of its channels.
///
/// Operators inside the package pass views to each other. A view is not checked, and is valid as long as the memory's
/// owner. Threads may share a view as long as they write to different pixels.
package struct TensorView: BitwiseCopyable, @unchecked Sendable {
  package let memory: UnsafeMutableRawPointer
  package let shape: Shape
  /// Elements from one pixel to the next; more than `shape.channels` if the view is a slice of channels.
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

  /// A view of all pixels and the given channels. Operators that write to such slices of one view concatenate their
  /// results.
  package func channels(_ range: Range<Int>) -> TensorView {
    assert(range.lowerBound >= 0 && range.upperBound <= shape.channels)
    var narrow = shape
    narrow.channels = range.count
    return TensorView(
      memory + range.lowerBound * format.byteCount, narrow, format, pixelStride: pixelStride)
  }

  /// Whether the channels of neighbouring pixels follow each other without a gap.
  package var isDense: Bool { pixelStride == shape.channels }

  /// The address of a pixel's first channel.
  package func address(_ pixel: Int) -> UnsafeMutableRawPointer { memory + pixel &* pixelStride &* format.byteCount }

  /// The address of the first pixel of a map of floats.
  package var base: UnsafeMutablePointer<Float> {
    assert(format.kind == .float32)
    return memory.assumingMemoryBound(to: Float.self)
  }

  /// The address of a pixel of a map of floats.
  package func pixel(_ index: Int) -> UnsafeMutablePointer<Float> { base + index &* pixelStride }
}
