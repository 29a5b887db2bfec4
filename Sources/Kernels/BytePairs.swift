/// A level that multiplies pairs of 16-bit integers, but has no int8 dot product that never saturates.
public protocol PairInstructionSet: StorageInstructionSet {
  /// As many 32-bit integers as a vector has floats.
  associatedtype Integers: SIMD & BitwiseCopyable where Integers.Scalar == Int32

  /// `sums` plus the products of the two 16-bit halves of each lane.
  static func dotPairs(_ sums: Integers, _ a: Integers, _ b: Integers) -> Integers
  /// The integers as floats.
  static func floats(_ integers: Integers) -> Vector
}

/// The dot product of four bytes as two products of pairs of 16-bit integers.
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

  /// Sums of 0.
  @inlinable @inline(__always)
  public static var zero: ISA.Integers { .zero }

  /// 8 bytes: four weights of 16 bits.
  @inlinable @inline(__always)
  public static var weightBytes: Int { 8 }

  /// The four bytes of `word`, in every lane.
  @inlinable @inline(__always)
  public static func broadcast(_ word: UInt32) -> Words {
    let first = (word & 0xff) | (word & 0xff00) &<< 8
    let second = (word &>> 16 & 0xff) | (word &>> 16 & 0xff00) &<< 8
    return Words(
      first: .init(repeating: Int32(bitPattern: first)), second: .init(repeating: Int32(bitPattern: second)))
  }

  /// Reads the first pairs of weights of all lanes, then the second pairs.
  @inlinable @inline(__always)
  public static func weights(_ pointer: UnsafeRawPointer) -> Words {
    Words(
      first: pointer.loadUnaligned(as: ISA.Integers.self),
      second: pointer.loadUnaligned(fromByteOffset: 4 &* ISA.lanes, as: ISA.Integers.self))
  }

  /// `sums` plus the products of `input` and `weights`.
  @inlinable @inline(__always)
  public static func dot(_ sums: ISA.Integers, _ input: Words, _ weights: Words) -> ISA.Integers {
    ISA.dotPairs(ISA.dotPairs(sums, input.first, weights.first), input.second, weights.second)
  }

  /// The sums as floats.
  @inlinable @inline(__always)
  public static func floats(_ sums: ISA.Integers) -> ISA.Vector { ISA.floats(sums) }
}
