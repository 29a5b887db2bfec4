/// A level that multiplies pairs of 16-bit integers, but not four bytes without saturation.
public protocol PairInstructionSet: StorageInstructionSet {
  /// As many 32-bit integers as a vector has floats.
  associatedtype Integers: SIMD & BitwiseCopyable where Integers.Scalar == Int32

  /// `sums` and the products of the two 16-bit halves of each lane.
  static func dotPairs(_ sums: Integers, _ a: Integers, _ b: Integers) -> Integers
  /// The integers as floats.
  static func floats(_ integers: Integers) -> Vector
}

/// Four bytes as two pairs of 16-bit integers.
public enum BytePairs<ISA: PairInstructionSet>: DotInstruction {
  /// The first two of each lane's four numbers, and the last two.
  public struct Words: BitwiseCopyable {
    @usableFromInline var first: ISA.Integers
    @usableFromInline var second: ISA.Integers

    @inlinable @inline(__always)
    init(first: ISA.Integers, second: ISA.Integers) {
      self.first = first
      self.second = second
    }
  }

  /// Sums of nothing.
  @inlinable @inline(__always)
  public static var zero: ISA.Integers { .zero }

  /// Four weights of 16 bits.
  @inlinable @inline(__always)
  public static var weightBytes: Int { 8 }

  /// The word's bytes for every lane.
  @inlinable @inline(__always)
  public static func broadcast(_ word: UInt32) -> Words {
    let first = (word & 0xff) | (word & 0xff00) &<< 8
    let second = (word &>> 16 & 0xff) | (word &>> 16 & 0xff00) &<< 8
    return Words(
      first: .init(repeating: Int32(bitPattern: first)), second: .init(repeating: Int32(bitPattern: second)))
  }

  /// The first pairs of a vector's worth of weights, then the second.
  @inlinable @inline(__always)
  public static func weights(_ pointer: UnsafeRawPointer) -> Words {
    Words(
      first: pointer.loadUnaligned(as: ISA.Integers.self),
      second: pointer.loadUnaligned(fromByteOffset: 4 &* ISA.lanes, as: ISA.Integers.self))
  }

  /// `sums` and the products of `input` and `weights`.
  @inlinable @inline(__always)
  public static func dot(_ sums: ISA.Integers, _ input: Words, _ weights: Words) -> ISA.Integers {
    ISA.dotPairs(ISA.dotPairs(sums, input.first, weights.first), input.second, weights.second)
  }

  /// The sums as floats.
  @inlinable @inline(__always)
  public static func floats(_ sums: ISA.Integers) -> ISA.Vector { ISA.floats(sums) }
}
