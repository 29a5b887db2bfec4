import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Matrix products against plain loops in Double, by OpenBLAS where it can be loaded and by Limn's own tiles.
@Suite struct MatrixProductTests {
  static let sizes = [(1, 1, 1), (1, 17, 5), (5, 1, 3), (7, 3, 1), (2, 4, 6), (3, 64, 10), (16, 16, 16), (33, 127, 65)]

  @Test(arguments: [false, true], sizes)
  func integersAreExact(_ usesOpenBLAS: Bool, _ size: (rows: Int, depth: Int, columns: Int)) throws {
    var generator = SeededGenerator(seed: 7)
    let operands = Matrices(size) { generator.integers($0) }
    for threads in [1, 2, 3] {
      let engine = try Engine(threads: threads, usesOpenBLAS: usesOpenBLAS)
      for isTransposed in [false, true] {
        let product = try MatrixProduct(transposesRight: isTransposed, engine: engine)(
          operands.left(), operands.right(isTransposed: isTransposed))
        #expect(product.shape == Shape(height: 1, width: size.rows, channels: size.columns))
        #expect(mismatch(product.values, operands.reference.values) == nil)
      }
    }
  }

  @Test(arguments: [false, true], sizes)
  func randomValues(_ usesOpenBLAS: Bool, _ size: (rows: Int, depth: Int, columns: Int)) throws {
    var generator = SeededGenerator(seed: 8)
    let operands = Matrices(size) { generator.floats($0) }
    let engine = try Engine(threads: 2, usesOpenBLAS: usesOpenBLAS)
    let (values, magnitudes) = operands.reference
    for isTransposed in [false, true] {
      let product = try MatrixProduct(transposesRight: isTransposed, engine: engine)(
        operands.left(), operands.right(isTransposed: isTransposed))
      #expect(mismatch(product.values, values, magnitudes: magnitudes, .matrixProduct) == nil)
    }
  }

  /// More rows than a thread computes at a time, and more rows and columns than the tiles pack at a time.
  @Test(arguments: [false, true], [(769, 9, 5), (2, 1025, 3), (3, 2, 4099)])
  func everyPart(_ usesOpenBLAS: Bool, _ size: (rows: Int, depth: Int, columns: Int)) throws {
    var generator = SeededGenerator(seed: 9)
    let operands = Matrices(size) { generator.integers($0) }
    let engine = try Engine(threads: 2, usesOpenBLAS: usesOpenBLAS)
    let product = try MatrixProduct(engine: engine)(operands.left(), operands.right(isTransposed: false))
    #expect(mismatch(product.values, operands.reference.values) == nil)
  }

  @Test(arguments: [false, true])
  func theNumberOfThreadsChangesNoBit(_ usesOpenBLAS: Bool) throws {
    var generator = SeededGenerator(seed: 10)
    let operands = Matrices((rows: 1000, depth: 37, columns: 29)) { generator.floats($0) }
    let products = try [1, 2, 3].map { threads in
      let engine = try Engine(threads: threads, usesOpenBLAS: usesOpenBLAS)
      return try MatrixProduct(engine: engine)(operands.left(), operands.right(isTransposed: false)).values
    }
    #expect(products[0] == products[1] && products[0] == products[2])
  }

  /// Every pixel is a row, and the product may be some of the channels of a wider tensor.
  @Test(arguments: [false, true])
  func pixelsOfAMapIntoASlice(_ usesOpenBLAS: Bool) throws {
    let product = try MatrixProduct(engine: Engine(threads: 2, usesOpenBLAS: usesOpenBLAS))
    let left = try Tensor(shape: Shape(batch: 2, height: 1, width: 2, channels: 2), values: [1, 2, 3, 4, 5, 6, 7, 8])
    let right = try Tensor(shape: Shape(height: 2, width: 1, channels: 3), values: [1, 0, 1, 0, 1, 1])
    let expected: [Float] = [1, 2, 3, 3, 4, 7, 5, 6, 11, 7, 8, 15]
    #expect(try product(left, right).values == expected)
    var wide = try Tensor(shape: Shape(batch: 2, height: 1, width: 2, channels: 5), repeating: -1)
    try product(left, right, into: &wide, at: 1)
    #expect(wide.channels(1..<4) == expected)
    #expect((wide.channels(0..<1) + wide.channels(4..<5)).allSatisfy { $0 == -1 })
  }

  @Test func itSaysWhatMultiplies() throws {
    let own = try MatrixProduct(engine: Engine(threads: 1, usesOpenBLAS: false)).kernel
    #expect(!own.usesOpenBLAS && own.description == "own tile: OpenBLAS is switched off")
    let kernel = try MatrixProduct(engine: Engine(threads: 1, usesOpenBLAS: true)).kernel
    switch OpenBLAS.system {
    case .success(let library):
      #expect(kernel.usesOpenBLAS)
      #expect(kernel.description == "OpenBLAS \(library.version) with its kernels for \(library.core)")
    case .failure(let error):
      #expect(!kernel.usesOpenBLAS && kernel.description == "own tile: \(error)")
    }
  }

  @Test func matricesThatDoNotFit() throws {
    let engine = try Engine(threads: 1)
    let (left, right) = (Shape(height: 2, width: 1, channels: 3), Shape(height: 4, width: 1, channels: 5))
    #expect(
      throws: TensorError.invalidShape(
        "a matrix of 3 columns, [1, 2, 1, 3], cannot be multiplied by 4 rows, [1, 4, 1, 5]")
    ) { try MatrixProduct(engine: engine).outputShape(for: left, right) }
    #expect(
      throws: TensorError.invalidShape(
        "a matrix of 3 columns, [1, 2, 1, 3], cannot be multiplied by 5 rows, the transpose of [1, 4, 1, 5]")
    ) { try MatrixProduct(transposesRight: true, engine: engine).outputShape(for: left, right) }
  }

  @Test func sizesOutOfRange() throws {
    let product = try MatrixProduct(engine: Engine(threads: 1))
    let (column, row) = (Shape(height: 70_000, width: 1, channels: 1), Shape(height: 1, width: 1, channels: 70_000))
    #expect(
      throws: TensorError.invalidShape(
        "a tensor must have extents of at least 1 and at most 2^32 elements, got [1, 70000, 1, 70000]")
    ) { try product.outputShape(for: column, row) }
    let wide = Shape(height: 1, width: 1, channels: (1 << 20) + 1)
    #expect(
      throws: TensorError.invalidShape("the matrices of a product may have at most 1048576 columns, got 1 and 1048577")
    ) { try product.outputShape(for: Shape(height: 1, width: 1, channels: 1), wide) }
    for shape in [Shape(height: 0, width: 1, channels: 1), Shape(height: -1, width: 1, channels: 1)] {
      #expect(throws: TensorError.self) { try product.outputShape(for: shape, shape) }
    }
    let overflowing = Shape(batch: .max, height: .max, width: 1, channels: 1)
    #expect(throws: TensorError.self) { try product.outputShape(for: overflowing, overflowing) }
  }

  @Test func outputsThatDoNotFit() throws {
    let product = try MatrixProduct(engine: Engine(threads: 1))
    let one = try Tensor(shape: Shape(height: 1, width: 1, channels: 1))
    var output = try Tensor(shape: Shape(height: 1, width: 1, channels: 2))
    #expect(
      throws: TensorError.invalidShape("the output has shape [1, 1, 1, 2], the result [1, 1, 1, 1]")
    ) { try product(one, one, into: &output) }
    for channel in [-1, 2, .max] {
      #expect(
        throws: TensorError.invalidShape(
          "the output has shape [1, 1, 1, 2], the result [1, 1, 1, 1] does not fit into its channels from \(channel) on"
        )
      ) { try product(one, one, into: &output, at: channel) }
    }
  }
}

/// Two matrices and their product in Double.
private struct Matrices {
  let size: (rows: Int, depth: Int, columns: Int)
  private let a: [Float]
  private let b: [Float]

  init(_ size: (rows: Int, depth: Int, columns: Int), _ values: (Int) -> [Float]) {
    self.size = size
    a = values(size.rows * size.depth)
    b = values(size.depth * size.columns)
  }

  func left() throws -> Tensor {
    try Tensor(shape: Shape(height: 1, width: size.rows, channels: size.depth), values: a)
  }

  func right(isTransposed: Bool) throws -> Tensor {
    guard isTransposed else {
      return try Tensor(shape: Shape(height: size.depth, width: 1, channels: size.columns), values: b)
    }
    let values = (0..<size.columns).flatMap { column in (0..<size.depth).map { b[$0 * size.columns + column] } }
    return try Tensor(shape: Shape(height: size.columns, width: 1, channels: size.depth), values: values)
  }

  var reference: (values: [Double], magnitudes: [Double]) {
    var values: [Double] = []
    var magnitudes: [Double] = []
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let products = (0..<size.depth).map {
          Double(a[row * size.depth + $0]) * Double(b[$0 * size.columns + column])
        }
        values.append(products.reduce(0, +))
        magnitudes.append(products.reduce(0) { $0 + abs($1) })
      }
    }
    return (values, magnitudes)
  }
}
