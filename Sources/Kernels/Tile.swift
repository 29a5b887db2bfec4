/// The function applied to the sums of a convolution or a matrix product.
public enum Activation: UInt8, Sendable, Hashable, CaseIterable {
  /// The identity.
  case none
  /// `max(x, 0)`.
  case relu
  /// `x * sigmoid(x)`.
  case silu
  /// `min(max(x, 0), 6)`.
  case relu6
  /// `x * min(max(x + 3, 0), 6) / 6`.
  case hardswish
  /// `min(max(x + 3, 0), 6) / 6`.
  case hardsigmoid
}

/// The operands of a run of tiles over one panel of output channels.
///
/// The input is read through pointers: `taps[position * tapStride + pixel]` addresses the `depth` channels that kernel
/// position `position` reads for output pixel `pixel`, and padding is a pointer to zeros. So one loop serves every
/// kernel size, stride, padding and dilation, and a tile may continue on the next row. Every tile reads the taps of all
/// its rows.
public struct TileOperands {
  /// `[positions][tapStride]` addresses.
  public var taps: UnsafePointer<UnsafeRawPointer>
  /// Addresses from one position to the next.
  public var tapStride: Int
  /// Kernel positions.
  public var positions: Int
  /// Channels read at each position.
  public var depth: Int
  /// `[positions][depth][columns * lanes]`.
  public var weights: UnsafePointer<Float>
  /// `[columns * lanes]`.
  public var bias: UnsafePointer<Float>
  /// Applied to the sum with its bias.
  public var activation: Activation
  /// The first pixel's first channel of a map that is added to the result, or nil.
  public var residual: UnsafePointer<Float>?
  /// Floats from one pixel of the residual to the next.
  public var residualStride: Int
  /// Whether the residual is added before the activation rather than after it.
  public var addsBeforeActivation: Bool
  /// The first pixel's first channel of the output.
  public var output: UnsafeMutablePointer<Float>
  /// Floats from one pixel of the output to the next.
  public var outputStride: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    taps: UnsafePointer<UnsafeRawPointer>, tapStride: Int, positions: Int, depth: Int,
    weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, activation: Activation,
    residual: UnsafePointer<Float>?, residualStride: Int, addsBeforeActivation: Bool,
    output: UnsafeMutablePointer<Float>, outputStride: Int
  ) {
    self.taps = taps
    self.tapStride = tapStride
    self.positions = positions
    self.depth = depth
    self.weights = weights
    self.bias = bias
    self.activation = activation
    self.residual = residual
    self.residualStride = residualStride
    self.addsBeforeActivation = addsBeforeActivation
    self.output = output
    self.outputStride = outputStride
  }
}

/// A register tile of a matrix product: `rows` output pixels by `columns` vectors of output channels, with all sums in
/// registers (Goto and van de Geijn, doi:10.1145/1356052.1356053).
public struct Tile<ISA: InstructionSet, let rows: Int, let columns: Int> {
  /// The sums of all rows and columns.
  public typealias Sums = InlineArray<rows, InlineArray<columns, ISA.Vector>>

  /// Computes `count` consecutive tiles, `rows` pixels each.
  @inlinable @inline(__always)
  public static func run(_ operands: TileOperands, count: Int) {
    assert(count >= 0 && operands.positions > 0 && operands.depth > 0)
    assert(count * rows <= operands.tapStride || operands.positions == 1)
    assert(count <= 1 || operands.outputStride >= ISA.lanes * columns)
    assert(operands.residual == nil || count <= 1 || operands.residualStride >= ISA.lanes * columns)
    var taps = operands.taps
    var output = operands.output
    var residual = operands.residual
    for _ in 0..<count {
      finish(sums(operands, taps), operands, residual, output)
      taps += rows
      output += rows &* operands.outputStride
      if let pointer = residual { residual = pointer + rows &* operands.residualStride }
    }
  }

  @inlinable @inline(__always)
  static func sums(_ operands: TileOperands, _ taps: UnsafePointer<UnsafeRawPointer>) -> Sums {
    var sums = Sums(repeating: .init(repeating: .zero))
    var weights = operands.weights
    for position in 0..<operands.positions {
      let taps = taps + position &* operands.tapStride
      var pixels = InlineArray<rows, UnsafePointer<Float>>(repeating: taps.pointee.assumingMemoryBound(to: Float.self))
      for i in 0..<rows { pixels[unchecked: i] = taps[i].assumingMemoryBound(to: Float.self) }
      for k in 0..<operands.depth {
        var channels = InlineArray<columns, ISA.Vector>(repeating: .zero)
        for j in 0..<columns { channels[unchecked: j] = ISA.load(weights + ISA.lanes &* j) }
        for i in 0..<rows {
          let value = ISA.Vector(repeating: pixels[unchecked: i][k])
          for j in 0..<columns {
            sums[unchecked: i][unchecked: j] = ISA.multiplyAdd(
              value, channels[unchecked: j], sums[unchecked: i][unchecked: j])
          }
        }
        weights += ISA.lanes &* columns
      }
    }
    return sums
  }

  @inlinable @inline(__always)
  static func finish(
    _ sums: Sums, _ operands: TileOperands, _ residual: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>
  ) {
    var sums = sums
    for j in 0..<columns {
      let bias = ISA.load(operands.bias + ISA.lanes &* j)
      for i in 0..<rows { sums[unchecked: i][unchecked: j] += bias }
    }
    if operands.addsBeforeActivation { add(residual, operands.residualStride, to: &sums) }
    activate(&sums, operands.activation)
    if !operands.addsBeforeActivation { add(residual, operands.residualStride, to: &sums) }
    for i in 0..<rows {
      for j in 0..<columns {
        ISA.store(sums[unchecked: i][unchecked: j], output + (i &* operands.outputStride &+ ISA.lanes &* j))
      }
    }
  }

  @inlinable @inline(__always)
  static func activate(_ sums: inout Sums, _ activation: Activation) {
    switch activation {
    case .none: break
    case .relu: apply(to: &sums) { ISA.maximum(.zero, $0) }
    case .silu: apply(to: &sums) { ISA.silu($0) }
    case .relu6: apply(to: &sums) { ISA.relu6($0) }
    case .hardswish: apply(to: &sums) { ISA.hardswish($0) }
    case .hardsigmoid: apply(to: &sums) { ISA.hardsigmoid($0) }
    }
  }

  @inlinable @inline(__always)
  static func apply(to sums: inout Sums, _ activation: (ISA.Vector) -> ISA.Vector) {
    for i in 0..<rows {
      for j in 0..<columns { sums[unchecked: i][unchecked: j] = activation(sums[unchecked: i][unchecked: j]) }
    }
  }

  @inlinable @inline(__always)
  static func add(_ residual: UnsafePointer<Float>?, _ stride: Int, to sums: inout Sums) {
    guard let residual else { return }
    for i in 0..<rows {
      for j in 0..<columns {
        sums[unchecked: i][unchecked: j] += ISA.load(residual + (i &* stride &+ ISA.lanes &* j))
      }
    }
  }
}
