/// The operands of a bilinear resize of two source rows of RGB floats to one row.
public struct ResizeRowOperands {
  /// The upper source row.
  public var top: UnsafePointer<Float>
  /// The lower source row.
  public var bottom: UnsafePointer<Float>
  /// The weight of the lower row.
  public var fraction: Float
  /// `[width]` offsets in floats of the left pixels.
  public var lefts: UnsafePointer<Int32>
  /// `[width]` offsets in floats of the right pixels.
  public var rights: UnsafePointer<Int32>
  /// `[width]` weights of the right pixels.
  public var fractions: UnsafePointer<Float>
  /// `[width][3]`.
  public var output: UnsafeMutablePointer<Float>
  /// Output pixels.
  public var width: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    top: UnsafePointer<Float>, bottom: UnsafePointer<Float>, fraction: Float, lefts: UnsafePointer<Int32>,
    rights: UnsafePointer<Int32>, fractions: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, width: Int
  ) {
    self.top = top
    self.bottom = bottom
    self.fraction = fraction
    self.lefts = lefts
    self.rights = rights
    self.fractions = fractions
    self.output = output
    self.width = width
  }
}

/// The operands of the standardization of RGB bytes.
public struct StandardizeOperands {
  /// `[width][3]` bytes.
  public var source: UnsafePointer<UInt8>
  /// `[3]` means.
  public var means: UnsafePointer<Float>
  /// `[3]` standard deviations.
  public var deviations: UnsafePointer<Float>
  /// `[width][3]`.
  public var target: UnsafeMutablePointer<Float>
  /// Pixels.
  public var width: Int

  /// Gathers the operands.
  @inlinable @inline(__always)
  public init(
    source: UnsafePointer<UInt8>, means: UnsafePointer<Float>, deviations: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, width: Int
  ) {
    self.source = source
    self.means = means
    self.deviations = deviations
    self.target = target
    self.width = width
  }
}

extension InstructionSet {
  /// Resizes two source rows of RGB floats bilinearly to one row, `[width][3]`.
  ///
  /// `lefts[x]` and `rights[x]` are the offsets in floats of the pixels on either side, `fractions[x]` is the weight of
  /// the right one, and `fraction` that of the bottom row. Matches the order of operations of PyTorch's `interpolate`.
  @inlinable @inline(__always)
  public static func resizeRow(_ operands: ResizeRowOperands) {
    let rest = 1 - operands.fraction
    for x in 0..<operands.width {
      let (left, right) = (Int(operands.lefts[x]), Int(operands.rights[x]))
      let (rightWeight, leftWeight) = (operands.fractions[x], 1 - operands.fractions[x])
      for channel in 0..<3 {
        let upper = leftWeight * operands.top[left &+ channel] + rightWeight * operands.top[right &+ channel]
        let lower = leftWeight * operands.bottom[left &+ channel] + rightWeight * operands.bottom[right &+ channel]
        operands.output[3 &* x &+ channel] = rest * upper + operands.fraction * lower
      }
    }
  }

  /// Converts RGB bytes to `(byte / 255 - mean) / deviation`, with the mean and deviation of each channel.
  @inlinable @inline(__always)
  public static func standardize(_ operands: StandardizeOperands) {
    for x in 0..<operands.width {
      for channel in 0..<3 {
        operands.target[3 &* x &+ channel] =
          (Float(operands.source[3 &* x &+ channel]) / 255 - operands.means[channel]) / operands.deviations[channel]
      }
    }
  }
}
