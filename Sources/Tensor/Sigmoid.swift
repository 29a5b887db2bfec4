extension Tensor {
  /// Every element as `1 / (1 + e^-x)`, within 7 ULP for elements in -87...87; below it stays at 2^-126. The NaN of
  /// `Float.nan` stays NaN; on levels below AVX-512 one with another payload may become a number.
  public func sigmoid(engine: Engine) -> Tensor {
    var output = self
    let lanes = engine.kernels.lanes
    output.withUnsafeMutableValues { values in
      guard let base = values.baseAddress else { return }
      let whole = values.count / lanes * lanes
      engine.kernels.sigmoid(base, base, whole)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: lanes) { rest in
        guard let tail = rest.baseAddress, whole < values.count else { return }
        tail.initialize(repeating: 0, count: lanes)
        tail.update(from: base + whole, count: values.count - whole)
        engine.kernels.sigmoid(tail, tail, lanes)
        (base + whole).update(from: tail, count: values.count - whole)
      }
    }
    return output
  }
}
