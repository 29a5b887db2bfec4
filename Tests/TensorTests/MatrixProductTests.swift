import Tensor
import TensorTestSupport
import TestSupport
import Testing

@Suite struct MatrixProductTests {
  static let sizes = [(1, 1, 1), (1, 17, 5), (5, 1, 3), (7, 3, 1), (2, 4, 6), (3, 64, 10), (16, 16, 16), (33, 127, 65)]

  @Test(arguments: [1, 2, 3], sizes)
  func integersAreExact(_ threads: Int, _ size: (rows: Int, depth: Int, columns: Int)) throws {
    let engine = try Engine(threads: threads)
    var generator = SeededGenerator(seed: 7)
    let a = generator.integers(size.rows * size.depth)
    let b = generator.integers(size.depth * size.columns)
    let expected = reference(a, b, size).values
    let plain = try matrixProduct(
      a, b, rows: size.rows, depth: size.depth, columns: size.columns, engine: engine)
    #expect(mismatch(plain, expected) == nil)
    let transposed = try matrixProduct(
      a, transpose(b, size.depth, size.columns), rows: size.rows, depth: size.depth, columns: size.columns,
      isTransposed: true, engine: engine)
    #expect(mismatch(transposed, expected) == nil)
  }

  @Test(arguments: sizes)
  func randomValues(_ size: (rows: Int, depth: Int, columns: Int)) throws {
    var generator = SeededGenerator(seed: 8)
    let a = generator.floats(size.rows * size.depth)
    let b = generator.floats(size.depth * size.columns)
    let reference = reference(a, b, size)
    for isTransposed in [false, true] {
      let product = try matrixProduct(
        a, isTransposed ? transpose(b, size.depth, size.columns) : b, rows: size.rows, depth: size.depth,
        columns: size.columns, isTransposed: isTransposed, engine: Engine(threads: 2))
      #expect(mismatch(product, reference.values, magnitudes: reference.magnitudes, .matrixProduct) == nil)
    }
  }

  @Test func sizesOutOfRange() throws {
    let engine = try Engine(threads: 1)
    for (rows, depth, columns) in [(0, 1, 1), (1, -1, 1), (1, 1, 1 << 31), (Int.max, Int.max, 1)] {
      #expect(
        throws: TensorError.invalidShape(
          "the sizes of a matrix product must be 1 to 2147483647, got \(rows) x \(depth) x \(columns)")
      ) { try matrixProduct([], [], rows: rows, depth: depth, columns: columns, engine: engine) }
    }
  }

  @Test func tooLargeAProduct() throws {
    let column = [Float](repeating: 0, count: 70_000)
    #expect(throws: TensorError.invalidShape("a matrix product may have at most 2^32 elements, got 70000 x 70000")) {
      try matrixProduct(column, column, rows: 70_000, depth: 1, columns: 70_000, engine: Engine(threads: 1))
    }
  }

  @Test func wrongCountsOfElements() throws {
    #expect(
      throws: TensorError.invalidShape("a matrix product 2 x 3 x 4 needs 6 and 12 elements, got 5 and 13")
    ) {
      try matrixProduct(
        .init(repeating: 0, count: 5), .init(repeating: 0, count: 13), rows: 2, depth: 3, columns: 4,
        engine: Engine(threads: 1))
    }
  }
}

private func transpose(_ matrix: [Float], _ rows: Int, _ columns: Int) -> [Float] {
  (0..<columns).flatMap { column in (0..<rows).map { matrix[$0 * columns + column] } }
}

private func reference(
  _ a: [Float], _ b: [Float], _ size: (rows: Int, depth: Int, columns: Int)
) -> (values: [Double], magnitudes: [Double]) {
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
