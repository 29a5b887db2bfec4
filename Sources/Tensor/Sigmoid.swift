extension Tensor {
  /// Applies the sigmoid, `1 / (1 + e^-x)`, to every element.
  ///
  /// Results are within 7 ULP for elements in -87...87; for lower elements they stay at 2^-126. `Float.nan` gives NaN,
  /// but on levels below AVX-512 a NaN with another payload may give a number.
  ///
  /// - Returns: A tensor of the same shape.
  public func sigmoid(engine: Engine) -> Tensor {
    var output = self
    let lanes = engine.kernels.lanes
    output.withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { return }
      let whole = values.count / lanes * lanes
      engine.kernels.maps.sigmoid(base, base, whole)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes) { rest in
        guard let tail = rest.baseAddress, whole < values.count else { return }
        tail.initialize(repeating: 0, count: lanes)
        tail.update(from: base + whole, count: values.count - whole)
        engine.kernels.maps.sigmoid(tail, tail, lanes)
        (base + whole).update(from: tail, count: values.count - whole)
      }
    }
    return output
  }
}
