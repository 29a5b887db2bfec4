import Kernels

/// The product of two matrices, or of a map's pixels and a matrix: `y[p, j]` is the sum over `k` of `x[p, k] * m[k, j]`.
///
/// A tensor is a matrix with one row for each pixel and one column for each channel.
///
/// OpenBLAS computes the product if it can be loaded, else Limn's own tiles (see `kernel`). Sums are in single
/// precision; every result lies within 5e-7 of the sum of the absolute values of its products. The last digits depend on
/// the CPU and on the version of OpenBLAS, but not on the number of threads.
public struct MatrixProduct: Sendable {
  /// Whether the right matrix is stored transposed, `[columns][depth]`, as fully connected layers store their weights.
  public let transposesRight: Bool
  private let engine: Engine

  /// The largest number of columns of either matrix.
  private static let sizeLimit = 1 << 20
  /// Rows of the product that a thread computes at a time, whatever the number of threads, since OpenBLAS's rounding
  /// depends on the size.
  private static let rows = 384

  /// Makes a matrix product.
  ///
  /// - Parameters:
  ///   - transposesRight: Whether the right matrix is stored as `[columns][depth]` rather than `[depth][columns]`.
  ///   - engine: The engine to run on.
  public init(transposesRight: Bool = false, engine: Engine) {
    self.transposesRight = transposesRight
    self.engine = engine
  }

  /// What multiplies. OpenBLAS is loaded if it may be used.
  public var kernel: ProductKernel { engine.matrixProductChoice.kernel }

  /// The shape `[N, H, W, columns]` of the product of a left matrix `[N, H, W, depth]` and a right matrix.
  ///
  /// - Parameters:
  ///   - left: The shape of the left matrix, with 1 to 2^20 channels.
  ///   - right: The shape of the right matrix: its pixels are `depth` rows, and it has 1 to 2^20 channels, the columns
  ///     of the product; the other way round with `transposesRight`.
  /// - Throws: `TensorError.invalidShape` when a size is out of range, or the matrices do not fit each other.
  public func outputShape(for left: Shape, _ right: Shape) throws(TensorError) -> Shape {
    try left.validate()
    try right.validate()
    let (depth, columns) = transposesRight ? (right.channels, right.pixels) : (right.pixels, right.channels)
    let right = transposesRight ? "the transpose of \(right)" : "\(right)"
    guard left.channels == depth else {
      throw .invalidShape(
        "a matrix of \(left.channels) columns, \(left), cannot be multiplied by \(depth) rows, \(right)")
    }
    guard depth <= Self.sizeLimit, columns <= Self.sizeLimit else {
      throw .invalidShape(
        "the matrices of a product may have at most \(Self.sizeLimit) columns, got \(depth) and \(columns)")
    }
    return try left.with(channels: columns).validated()
  }

  /// Multiplies two matrices.
  ///
  /// - Parameters:
  ///   - left: `[N, H, W, depth]`.
  ///   - right: A tensor of `depth` pixels and `columns` channels; the other way round with `transposesRight`.
  /// - Returns: `[N, H, W, columns]`.
  /// - Throws: `TensorError.invalidShape` when a size is out of range, or the matrices do not fit each other.
  public func callAsFunction(_ left: Tensor, _ right: Tensor) throws(TensorError) -> Tensor {
    try engine.makeTensor(outputShape(for: left.shape, right.shape)) { output, workspace in
      left.withView { left in right.withView { self(left, $0, into: output, workspace) } }
    }
  }

  /// Multiplies two matrices and writes the product to an existing tensor.
  ///
  /// - Parameters:
  ///   - left: `[N, H, W, depth]`.
  ///   - right: A tensor of `depth` pixels and `columns` channels; the other way round with `transposesRight`.
  ///   - output: `[N, H, W, columns]`, or with more channels if `channel` is given.
  ///   - channel: Where the product's channels begin; the output's other channels stay. By default the output has no
  ///     others.
  /// - Throws: `TensorError.invalidShape` when a shape does not fit.
  public func callAsFunction(
    _ left: Tensor, _ right: Tensor, into output: inout Tensor, at channel: Int? = nil
  ) throws(TensorError) {
    try engine.write(outputShape(for: left.shape, right.shape), to: &output, at: channel) { output, workspace in
      left.withView { left in right.withView { self(left, $0, into: output, workspace) } }
    }
  }

  /// Multiplies two maps of floats. `output` is neither of them.
  package func callAsFunction(
    _ left: TensorView, _ right: TensorView, into output: TensorView, _ workspace: Workspace
  ) {
    let (depth, columns) = (left.shape.channels, output.shape.channels)
    assert((transposesRight ? right.shape.channels : right.shape.pixels) == depth)
    assert((transposesRight ? right.shape.pixels : right.shape.channels) == columns)
    assert(output.shape.pixels == left.shape.pixels)
    let timer = workspace.timer
    defer {
      timer?.stop(
        "matrix product", from: left.shape, to: output.shape, multiplyAdds: output.shape.pixels * depth * columns)
    }
    let strides = max(left.pixelStride, right.pixelStride, output.pixelStride)
    guard let openBLAS = engine.matrixProductChoice.openBLAS, strides <= Int(Int32.max) else {
      return multiplyWithTiles(left, right, into: output, workspace.unprofiled)
    }
    let rows = output.shape.pixels
    workspace.parallel((rows + Self.rows - 1) / Self.rows) { _, block in
      let first = block * Self.rows
      openBLAS.multiply(
        ProductOperands(
          rows: min(Self.rows, rows - first), depth: depth, columns: columns, a: left.pixel(first),
          aStride: left.pixelStride, b: right.base, bStride: right.pixelStride, transposesB: transposesRight,
          c: output.pixel(first), cStride: output.pixelStride))
    }
  }
}

extension MatrixProduct {
  /// Columns of the product, and rows of the right matrix, that are packed for the tiles at a time.
  private static let slice = (columns: 4096, depth: 1024)

  /// Multiplies slice by slice as 1×1 convolutions; each adds to the result of the slices of depth before it.
  private func multiplyWithTiles(
    _ left: TensorView, _ right: TensorView, into output: TensorView, _ workspace: Workspace
  ) {
    for column in stride(from: 0, to: output.shape.channels, by: Self.slice.columns) {
      let columns = column..<min(column + Self.slice.columns, output.shape.channels)
      let target = output.channels(columns)
      for first in stride(from: 0, to: left.shape.channels, by: Self.slice.depth) {
        let depth = first..<min(first + Self.slice.depth, left.shape.channels)
        var weights: [Float] = []
        weights.reserveCapacity(columns.count * depth.count)
        for column in columns {
          for k in depth { weights.append(transposesRight ? right.pixel(column)[k] : right.pixel(k)[column]) }
        }
        let convolution = ImplicitConvolution(
          ConvolutionLayer(
            configuration: .init(inputChannels: depth.count, outputChannels: columns.count), weights: weights,
            bias: nil, format: .init(.float32), engine: engine))
        convolution(left.channels(depth), into: target, adding: first == 0 ? nil : target, workspace)
      }
    }
  }
}
