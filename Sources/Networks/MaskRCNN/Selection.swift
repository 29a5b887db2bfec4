import Glibc

/// The indices of the `limit` largest values, largest first; ties keep their order, NaN comes last.
func largest(_ limit: Int, of values: [Float]) -> [Int] {
  guard values.count > limit else { return sortedByFallingValue(Array(values.indices), values) }
  // The limit-th value from a sample-free pass: keys in order of size as integers, counted by their upper half.
  var counts = [Int](repeating: 0, count: 1 << 16)
  for value in values { counts[Int(orderedKey(value) >> 16)] += 1 }
  var bucket = counts.count - 1
  var above = 0
  while bucket > 0, above + counts[bucket] < limit {
    above += counts[bucket]
    bucket -= 1
  }
  let candidates = values.indices.filter { Int(orderedKey(values[$0]) >> 16) >= bucket }
  return Array(sortedByFallingValue(candidates, values).prefix(limit))
}

/// A key that grows with the value; NaN has the smallest.
private func orderedKey(_ value: Float) -> UInt32 {
  guard !value.isNaN else { return 0 }
  let bits = value.bitPattern
  return bits >> 31 == 1 ? ~bits : bits | 1 << 31
}

private func sortedByFallingValue(_ indices: [Int], _ values: [Float]) -> [Int] {
  indices.sorted { a, b in
    let (x, y) = (orderedKey(values[a]), orderedKey(values[b]))
    return x > y || (x == y && a < b)
  }
}

/// `1 / (1 + e^-x)`.
func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

/// `e^x` of each value over their sum, in place.
func softmax(_ values: UnsafeMutablePointer<Float>, count: Int) {
  guard count > 0 else { return }
  var largest = values[0]
  for index in 1..<max(count, 1) where values[index] > largest { largest = values[index] }
  var sum: Float = 0
  for index in 0..<count {
    values[index] = exp(values[index] - largest)
    sum += values[index]
  }
  for index in 0..<count { values[index] /= sum }
}
