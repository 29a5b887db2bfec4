/// The type, shape and position of a tensor in a weight file. `WeightFile` reads the elements.
public struct StoredTensor: Sendable, Hashable {
  /// The type of the elements.
  public let dtype: DType
  /// The size of each dimension, the outermost first; empty for a scalar.
  public let shape: [Int]
  /// The distance between neighbours along each dimension, in elements, at least 0; 0 if all are the same element.
  let strides: [Int]
  /// The position of the first element in the file, in bytes.
  let byteOffset: Int
  /// The number of elements, the product of `shape`. With strides of 0 it may exceed the number of stored elements.
  public let count: Int
  /// The distance from the start of the first element to the end of the last stored one, in bytes; 0 without elements.
  let byteExtent: Int

  /// Makes a tensor with strides. Throws if the sizes overflow.
  init(dtype: DType, shape: [Int], strides: [Int], byteOffset: Int) throws(FormatFault) {
    guard let count = Self.count(of: shape), shape.count == strides.count,
      let extent = Self.elementExtent(shape: shape, strides: strides, count: count)
    else { throw .malformed("a tensor of shape \(shape) and strides \(strides) is impossible") }
    let (bytes, overflow) = extent.multipliedReportingOverflow(by: dtype.byteCount)
    guard !overflow, !count.multipliedReportingOverflow(by: dtype.byteCount).overflow else {
      throw .malformed("a tensor of shape \(shape) and strides \(strides) is impossible")
    }
    self.dtype = dtype
    self.shape = shape
    self.strides = strides
    self.byteOffset = byteOffset
    self.count = count
    byteExtent = bytes
  }

  /// Makes a tensor in row-major order without gaps. Throws if the sizes overflow.
  init(dtype: DType, shape: [Int], byteOffset: Int) throws(FormatFault) {
    guard Self.count(of: shape) != nil else { throw .malformed("a tensor of shape \(shape) is impossible") }
    try self.init(dtype: dtype, shape: shape, strides: Self.rowMajorStrides(of: shape), byteOffset: byteOffset)
  }

  /// The product of the sizes, or nil if a size is negative or the product overflows.
  static func count(of shape: [Int]) -> Int? {
    var count = 1
    // A zero would hide an overflow of the other sizes, whose products are strides.
    for size in shape where size != 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size > 0, !overflow else { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  /// Whether the elements are in row-major order without gaps.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return count == 0 }
      expected &*= size
    }
    return true
  }

  private static func rowMajorStrides(of shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] &* max(shape[axis + 1], 1)
    }
    return strides
  }

  private static func elementExtent(shape: [Int], strides: [Int], count: Int) -> Int? {
    guard count > 0 else { return strides.allSatisfy { $0 >= 0 } ? 0 : nil }
    var last = 0
    for (size, stride) in zip(shape, strides) {
      let (reach, tooFar) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow) = last.addingReportingOverflow(reach)
      guard stride >= 0, !tooFar, !overflow else { return nil }
      last = sum
    }
    let (extent, overflow) = last.addingReportingOverflow(1)
    return overflow ? nil : extent
  }
}
