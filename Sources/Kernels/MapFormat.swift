/// How the numbers of a map lie in memory.
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
  /// Of bytes: the difference that one step makes.
  public var scale: Float
  /// Of bytes: the byte that stands for 0.
  public var zero: Float

  /// Makes a format; `scale` and `zero` matter for bytes only.
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

/// The conversions of a level between floats in registers and the formats of a map.
public protocol StorageInstructionSet: InstructionSet {
  /// A vector's worth of bfloat16.
  static func loadBFloats(_ pointer: UnsafeRawPointer) -> Vector
  /// Rounds to the nearest, ties to even.
  static func storeBFloats(_ vector: Vector, _ pointer: UnsafeMutableRawPointer)
  /// A vector's worth of bytes, 0 to 255.
  static func loadBytes(_ pointer: UnsafeRawPointer) -> Vector
  /// Bytes that `maximumBytes` takes at once.
  static var byteLanes: Int { get }
  /// Writes the largest of the bytes `offset` behind each of `count` taps, which are `stride` addresses apart.
  static func maximumBytes(
    _ taps: UnsafePointer<UnsafeRawPointer>, _ stride: Int, _ count: Int, _ offset: Int,
    _ target: UnsafeMutableRawPointer)
  /// Rounds to the nearest, ties to even, within 0 to 255; for values below 2^31.
  static func storeBytes(_ vector: Vector, _ pointer: UnsafeMutableRawPointer)
}

extension StorageInstructionSet {
  /// The vector that starts at `pointer`.
  @inlinable @inline(__always)
  public static func load(_ pointer: UnsafeRawPointer, _ format: MapFormat) -> Vector {
    switch format.kind {
    case .float32: pointer.loadUnaligned(as: Vector.self)
    case .bfloat16: loadBFloats(pointer)
    case .byte: (loadBytes(pointer) - format.zero) * format.scale
    }
  }

  /// Writes `vector` from `pointer` on.
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
  /// The upper half of the nearest number that has no lower half, ties to even; for finite numbers.
  @inlinable @inline(__always)
  public var bfloat16: UInt16 {
    UInt16(truncatingIfNeeded: (bitPattern &+ 0x7fff &+ (bitPattern &>> 16 & 1)) &>> 16)
  }
}
