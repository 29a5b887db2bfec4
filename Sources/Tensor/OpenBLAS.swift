/// The operands of a product of two row-major matrices, `c = a * b`.
package struct ProductOperands {
  /// Rows of `a` and of the product.
  package var rows: Int
  /// Columns of `a` and rows of `b`.
  package var depth: Int
  /// Columns of `b` and of the product.
  package var columns: Int
  /// `[rows][aStride]`.
  package var a: UnsafePointer<Float>
  /// Floats from one row of `a` to the next.
  package var aStride: Int
  /// `[depth][bStride]`, or `[columns][bStride]` if `transposesB`.
  package var b: UnsafePointer<Float>
  /// Floats from one row of `b` to the next.
  package var bStride: Int
  /// Whether the rows of `b` are the columns of the product.
  package var transposesB = false
  /// `[rows][cStride]`.
  package var c: UnsafeMutablePointer<Float>
  /// Floats from one row of `c` to the next.
  package var cStride: Int

  package init(
    rows: Int, depth: Int, columns: Int, a: UnsafePointer<Float>, aStride: Int, b: UnsafePointer<Float>, bStride: Int,
    transposesB: Bool = false, c: UnsafeMutablePointer<Float>, cStride: Int
  ) {
    self.rows = rows
    self.depth = depth
    self.columns = columns
    self.a = a
    self.aStride = aStride
    self.b = b
    self.bStride = bStride
    self.transposesB = transposesB
    self.c = c
    self.cStride = cStride
  }
}

/// OpenBLAS's product of matrices of floats, which runs on the calling thread alone.
///
/// It is made only after it has computed a few products right: some builds compute wrong products on some CPUs.
package struct OpenBLAS: Sendable {
  package typealias Product = @Sendable (ProductOperands) -> Void

  /// The version, such as `0.3.21`.
  package let version: String
  /// The CPU type whose kernels it uses, such as `Sandybridge`.
  package let core: String
  private let product: Product

  /// Throws `OpenBLASError.wrongProduct` unless `product` computes matrices of small integers exactly.
  package init(version: String, core: String, product: @escaping Product) throws(OpenBLASError) {
    self.version = version
    self.core = core
    self.product = product
    for (rows, depth, columns) in [(1, 1, 1), (3, 5, 2), (7, 1, 9), (17, 33, 19), (33, 70, 65), (50, 130, 30)] {
      for transposesB in [false, true] {
        guard multipliesIntegers(rows, depth, columns, transposesB) else {
          throw .wrongProduct(rows: rows, depth: depth, columns: columns, core: core)
        }
      }
    }
  }

  /// Computes `c = a * b`. Every size is at least 1, and columns, depth and strides fit 32 bits.
  package func multiply(_ operands: ProductOperands) { product(operands) }

  /// Whether a product of small integers, all of whose sums a Float holds, is exact and leaves the gaps between the
  /// product's rows alone.
  private func multipliesIntegers(_ rows: Int, _ depth: Int, _ columns: Int, _ transposesB: Bool) -> Bool {
    func integers(_ count: Int, _ salt: Int) -> [Float] { (0..<count).map { Float(($0 * 7 + salt) % 13 - 6) } }
    let (aStride, bStride, cStride) = (depth + 1, (transposesB ? depth : columns) + 2, columns + 3)
    let a = integers(rows * aStride, 1)
    let b = integers((transposesB ? columns : depth) * bStride, 5)
    let untouched: Float = 0.5
    var c = [Float](repeating: untouched, count: rows * cStride)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          product(
            ProductOperands(
              rows: rows, depth: depth, columns: columns, a: a, aStride: aStride, b: b, bStride: bStride,
              transposesB: transposesB, c: c, cStride: cStride))
        }
      }
    }
    for row in 0..<rows {
      for column in 0..<cStride {
        var sum = Double(untouched)
        if column < columns {
          sum = 0
          for k in 0..<depth {
            let factor = transposesB ? b[column * bStride + k] : b[k * bStride + column]
            sum += Double(a[row * aStride + k]) * Double(factor)
          }
        }
        guard Double(c[row * cStride + column]) == sum else { return false }
      }
    }
    return true
  }
}

/// Why OpenBLAS cannot be used.
package enum OpenBLASError: Error, Sendable, Hashable, CustomStringConvertible {
  /// No library of that name was found.
  case notFound
  /// The library lacks a function, or has 64-bit sizes.
  case unsuitable(library: String)
  /// The library was built with OpenMP, which ignores a limit on its threads.
  case usesOpenMP(library: String)
  /// The process loaded OpenBLAS itself and set it to several threads, which Limn does not change.
  case isSetToThreads(Int)
  /// A product is wrong.
  case wrongProduct(rows: Int, depth: Int, columns: Int, core: String)

  package var description: String {
    switch self {
    case .notFound: "OpenBLAS is not installed (Debian's package is libopenblas0-pthread)"
    case .unsuitable(let library): "\(library) lacks cblas_sgemm for 32-bit sizes"
    case .usesOpenMP(let library):
      "\(library) is built with OpenMP, whose threads Limn cannot limit (Debian's package libopenblas0-pthread is not)"
    case .isSetToThreads(let threads):
      "this process uses OpenBLAS itself, with \(threads) threads, and Limn leaves them alone"
    case .wrongProduct(let rows, let depth, let columns, let core):
      "OpenBLAS computes a wrong product of \(rows)x\(depth) by \(depth)x\(columns) with its kernels for \(core)"
    }
  }
}
