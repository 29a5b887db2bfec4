/// The element type of a feature map, and how its bytes stand for real numbers.
public struct MapFormat: Sendable, Hashable, BitwiseCopyable {
  /// The type of an element.
  public enum Kind: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// A 32-bit float.
    case float32
    /// The upper half of a 32-bit float.
    case bfloat16
    /// An unsigned byte `q` that stands for `scale * (q - zero)`.
    case byte
  }

  /// The type of an element.
  public var kind: Kind
  /// The quantisation scale of bytes: the difference between neighbouring values.
  public var scale: Float
  /// The zero point of bytes: the byte that stands for 0.
  public var zero: Float

  /// Makes a format; `scale` and `zero` are used for bytes only.
  @inlinable @inline(__always)
  public init(_ kind: Kind, scale: Float = 1, zero: Float = 0) {
    self.kind = kind
    self.scale = scale
    self.zero = zero
  }

  /// Bytes of an element.
  @inlinable @inline(__always)
  public var byteCount: Int {
    switch kind {
    case .float32: 4
    case .bfloat16: 2
    case .byte: 1
    }
  }
}

/// A level that converts between floats in registers and the formats of a map.
public protocol StorageInstructionSet: InstructionSet {
  /// Reads as many bfloat16 as a vector has lanes.
  static func loadBFloats(_ pointer: UnsafeRawPointer) -> Vector
  /// Writes a vector as bfloat16, rounded to the nearest, ties to even.
  static func storeBFloats(_ vector: Vector, _ pointer: UnsafeMutableRawPointer)
  /// Reads as many bytes, 0 to 255, as a vector has lanes.
  static func loadBytes(_ pointer: UnsafeRawPointer) -> Vector
  /// The number of bytes that `maximumBytes` processes at once.
  static var byteLanes: Int { get }
  /// Writes the largest of the bytes at `offset` after each of `count` taps, which are `stride` addresses apart.
  static func maximumBytes(
    _ taps: UnsafePointer<UnsafeRawPointer>, stride: Int, count: Int, offset: Int,
    into target: UnsafeMutableRawPointer)
  /// Writes a vector of values below 2^31 as bytes, rounded to the nearest, ties to even, and clamped to 0...255.
  static func storeBytes(_ vector: Vector, _ pointer: UnsafeMutableRawPointer)
}

extension StorageInstructionSet {
  /// Reads the vector at `pointer` from a map of the given format.
  @inlinable @inline(__always)
  public static func load(_ pointer: UnsafeRawPointer, _ format: MapFormat) -> Vector {
    switch format.kind {
    case .float32: pointer.loadUnaligned(as: Vector.self)
    case .bfloat16: loadBFloats(pointer)
    case .byte: (loadBytes(pointer) - format.zero) * format.scale
    }
  }

  /// Writes `vector` at `pointer` to a map of the given format.
  @inlinable @inline(__always)
  public static func store(_ vector: Vector, _ pointer: UnsafeMutableRawPointer, _ format: MapFormat) {
    switch format.kind {
    case .float32: pointer.storeBytes(of: vector, as: Vector.self)
    case .bfloat16: storeBFloats(vector, pointer)
    case .byte:
      storeBytes(multiplyAdd(vector, Vector(repeating: 1 / format.scale), Vector(repeating: format.zero)), pointer)
    }
  }
}

extension Float {
  /// The bits of the nearest bfloat16, ties to even; for finite numbers.
  @inlinable @inline(__always)
  public var bfloat16: UInt16 {
    UInt16(truncatingIfNeeded: (bitPattern &+ 0x7fff &+ (bitPattern &>> 16 & 1)) &>> 16)
  }
}
