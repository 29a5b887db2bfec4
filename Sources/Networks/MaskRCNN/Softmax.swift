import Glibc

/// The sigmoid, `1 / (1 + e^-x)`.
func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

/// Applies the softmax to `count` values in place.
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
