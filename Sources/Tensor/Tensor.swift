/// A tensor of 32-bit floats in NHWC layout, a value type.
///
/// Its memory is aligned to 64 bytes. It is copied on write, only when another tensor shares it.
public struct Tensor: Sendable {
  /// The shape, `[N, H, W, C]`.
  public let shape: Shape
  private var storage: AlignedBuffer

  /// Makes a tensor whose elements all have one value.
  ///
  /// - Throws: `TensorError.invalidShape` when an extent is below 1 or the tensor has more than 2^32 elements.
  public init(shape: Shape, repeating value: Float = 0) throws(TensorError) {
    try shape.validate()
    self.init(uninitialized: shape)
    storage.floats.initialize(repeating: value, count: shape.count)
  }

  /// Makes a tensor from its elements in NHWC order.
  ///
  /// - Throws: `TensorError.invalidShape` when an extent is below 1, the tensor has more than 2^32 elements, or
  ///   `values` does not have `shape.count` elements.
  public init(shape: Shape, values: [Float]) throws(TensorError) {
    try shape.validate()
    guard values.count == shape.count else {
      throw .invalidShape("a tensor of shape \(shape) has \(shape.count) elements, got \(values.count)")
    }
    self.init(uninitialized: shape)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.floats.initialize(from: base, count: source.count) }
    }
  }

  init(uninitialized shape: Shape) {
    self.shape = shape
    storage = AlignedBuffer(floats: shape.count)
  }

  /// The element at the given coordinates, counted from 0. Traps if one is out of range.
  public subscript(batch: Int, y: Int, x: Int, channel: Int) -> Float {
    precondition(
      (0..<shape.batch).contains(batch) && (0..<shape.height).contains(y) && (0..<shape.width).contains(x)
        && (0..<shape.channels).contains(channel), "[\(batch), \(y), \(x), \(channel)] lies outside of \(shape)")
    let index = ((batch * shape.height + y) * shape.width + x) * shape.channels + channel
    return withUnsafeValues { $0[index] }
  }

  /// All elements in NHWC order.
  public var values: [Float] { withUnsafeValues { Array($0) } }

  /// Calls `body` with the elements in NHWC order. The pointer is valid only during the call.
  public func withUnsafeValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: storage.floats, count: shape.count)) }
  }

  /// Calls `body` with the elements in NHWC order, which it may change. The pointer is valid only during the call.
  public mutating func withUnsafeMutableValues<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = AlignedBuffer(floats: shape.count)
      copy.floats.initialize(from: storage.floats, count: shape.count)
      storage = copy
    }
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(start: storage.floats, count: shape.count))
    }
  }

  /// Calls `body` with a view of the elements to read.
  package func withView<Result>(_ body: (TensorView) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(TensorView(storage.floats, shape)) }
  }

  /// Calls `body` with a view of the elements to write.
  package mutating func withMutableView<Result>(_ body: (TensorView) throws -> Result) rethrows -> Result {
    let shape = shape
    return try withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { preconditionFailure("a tensor has at least one element") }
      return try body(TensorView(base, shape))
    }
  }
}
