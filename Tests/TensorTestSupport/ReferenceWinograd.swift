import Tensor

/// A 3×3 convolution with padding 1 by Winograd's F(4×4, 3×3), in Double, except that the transformed weights are rounded
/// to bfloat16.
package func roundedWinograd(_ input: [Float], _ shape: Shape, _ weights: [Float], _ bias: [Float]) -> [Double] {
  let (height, width, channels) = (shape.height, shape.width, shape.channels)
  let filters = (0..<weights.count / 9).map { filter in
    let g = (0..<9).map { Double(weights[9 * filter + $0]) }
    let half = product(filterTransform, g, 6, 3, 3)
    return product(half, transposed(filterTransform, 6, 3), 6, 3, 6).map {
      Double(Float(bitPattern: UInt32(Float($0).bfloat16) << 16))
    }
  }
  var values = [Double](repeating: 0, count: shape.pixels * bias.count)
  for (n, y, x) in tiles(shape) {
    let (rows, columns) = (min(4, height - y), min(4, width - x))
    let (down, across) = (Transform(outputs: rows), Transform(outputs: columns))
    let operands = (0..<channels).map { channel in
      let pixels = (0..<(rows + 2) * (columns + 2)).map { index -> Double in
        let (row, column) = (y - 1 + index / (columns + 2), x - 1 + index % (columns + 2))
        guard (0..<height).contains(row), (0..<width).contains(column) else { return 0 }
        return Double(input[((n * height + row) * width + column) * channels + channel])
      }
      let half = product(down.input, pixels, rows + 2, rows + 2, columns + 2)
      return product(half, transposed(across.input, columns + 2, columns + 2), rows + 2, columns + 2, columns + 2)
    }
    for output in bias.indices {
      let products = (0..<(rows + 2) * (columns + 2)).map { index in
        let point = 6 * down.points[index / (columns + 2)] + across.points[index % (columns + 2)]
        return (0..<channels).reduce(0.0) { $0 + operands[$1][index] * filters[output * channels + $1][point] }
      }
      let half = product(down.output, products, rows, rows + 2, columns + 2)
      let tile = product(half, transposed(across.output, columns, columns + 2), rows, columns + 2, columns)
      for (index, value) in tile.enumerated() {
        let pixel = (n * height + y + index / columns) * width + x + index % columns
        values[pixel * bias.count + output] = value + Double(bias[output])
      }
    }
  }
  return values
}

private func tiles(_ shape: Shape) -> [(batch: Int, y: Int, x: Int)] {
  (0..<shape.batch).flatMap { n in
    stride(from: 0, to: shape.height, by: 4).flatMap { y in
      stride(from: 0, to: shape.width, by: 4).map { x in (n, y, x) }
    }
  }
}

/// `[6][3]`, on the points 0, 1, -1, 2, -2 and infinity.
private let filterTransform: [Double] =
  [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]].flatMap { $0.map { $0 / 24 } }

/// The transforms of one dimension for a tile of 1 to 4 outputs.
private struct Transform {
  /// The number of each point.
  let points: [Int]
  /// `[outputs + 2][outputs + 2]`.
  let input: [Double]
  /// `[outputs][outputs + 2]`.
  let output: [Double]

  init(outputs: Int) {
    points = Array(0...outputs) + [5]
    let places = [0, 1, -1, 2, -2].prefix(outputs + 1).map(Double.init)
    // By Toom and Cook: a row of the input's transform is the product of all (t - other place), and that of infinity the
    // product of all, up to the factors that the filters' transform takes.
    input =
      places.enumerated().flatMap { index, place in
        let rest = places.enumerated().filter { $0.offset != index }.map(\.element)
        let factor = scales[index] / rest.reduce(1.0) { $0 * (place - $1) }
        return polynomial(rest).map { $0 * factor } + [0]
      } + polynomial(places)
    output = (0..<outputs).flatMap { power in
      places.map { place in (0..<power).reduce(1.0) { value, _ in value * place } } + [power == outputs - 1 ? 1 : 0]
    }
  }
}

/// What `filterTransform` divides the powers of each place by.
private let scales: [Double] = [4, -6, -6, 24, 24]

/// The coefficients of the product of all `(t - place)`, from the constant on.
private func polynomial(_ places: [Double]) -> [Double] {
  places.reduce([1]) { product, place in
    zip([0] + product, product.map { $0 * -place } + [0]).map { $0 + $1 }
  }
}

private func product(_ a: [Double], _ b: [Double], _ rows: Int, _ inner: Int, _ columns: Int) -> [Double] {
  (0..<rows * columns).map { index in
    (0..<inner).reduce(0.0) { $0 + a[index / columns * inner + $1] * b[$1 * columns + index % columns] }
  }
}

private func transposed(_ a: [Double], _ rows: Int, _ columns: Int) -> [Double] {
  (0..<rows * columns).map { a[$0 % rows * columns + $0 / rows] }
}
