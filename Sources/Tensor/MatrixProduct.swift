import COpenBLAS

/// Multiplies two row-major matrices with OpenBLAS: `a`, `[rows, depth]`, by `b`, `[depth, columns]`.
///
/// With `isTransposed`, `b` is `[columns, depth]`, as fully connected layers store their weights. The rows are divided
/// among the engine's threads. OpenBLAS itself is set to one thread, for the whole process.
///
/// - Parameters:
///   - a: `rows * depth` elements.
///   - b: `depth * columns` elements.
///   - rows: Rows of `a` and of the product.
///   - depth: Columns of `a` and rows of `b`.
///   - columns: Columns of `b` and of the product.
///   - isTransposed: Whether `b` is stored as `[columns, depth]`.
///   - engine: The engine to run on.
/// - Returns: The product, `rows * columns` elements, row by row.
/// - Throws: `TensorError.invalidShape` when a size is not in 1...2^31 - 1, when `a` or `b` has the wrong number of
///   elements, or when the product has more than 2^32.
public func matrixProduct(
  _ a: [Float], _ b: [Float], rows: Int, depth: Int, columns: Int, isTransposed: Bool = false, engine: Engine
) throws(TensorError) -> [Float] {
  let limit = Int(Int32.max)
  guard (1...limit).contains(rows), (1...limit).contains(depth), (1...limit).contains(columns) else {
    throw .invalidShape(
      "the sizes of a matrix product must be 1 to \(limit), got \(rows) x \(depth) x \(columns)")
  }
  guard rows * columns <= 1 << 32 else {
    throw .invalidShape("a matrix product may have at most 2^32 elements, got \(rows) x \(columns)")
  }
  guard a.count == rows * depth, b.count == depth * columns else {
    throw .invalidShape(
      "a matrix product \(rows) x \(depth) x \(columns) needs \(rows * depth) and \(depth * columns) elements, got "
        + "\(a.count) and \(b.count)")
  }
  return a.withUnsafeBufferPointer { a in
    b.withUnsafeBufferPointer { b in
      Array(unsafeUninitializedCapacity: rows * columns) { c, count in
        count = rows * columns
        guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
        multiply(a, b, c, rows: rows, depth: depth, columns: columns, isTransposed: isTransposed, engine)
      }
    }
  }
}

/// Computes `c = a * b`, or `c = a * b^T`, with the rows divided among the threads.
func multiply(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>, rows: Int, depth: Int,
  columns: Int, isTransposed: Bool, _ engine: Engine
) {
  openblas_set_num_threads(1)
  nonisolated(unsafe) let (a, b, c) = (a, b, c)
  let share = (rows + engine.threads - 1) / engine.threads
  engine.pool.parallel((rows + share - 1) / share) { _, part in
    let first = part * share
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, isTransposed ? CblasTrans : CblasNoTrans, Int32(min(share, rows - first)),
      Int32(columns), Int32(depth), 1, a + first * depth, Int32(depth), b, Int32(isTransposed ? depth : columns), 0,
      c + first * columns, Int32(columns))
  }
}
