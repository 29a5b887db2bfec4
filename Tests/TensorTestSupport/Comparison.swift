import TestSupport

/// Nil where every value lies within its tolerance; otherwise the share of those that do not, and the worst of them by
/// its index, both values and the gap in units in the last place.
///
/// NaN matches NaN alone, an infinity itself alone. `magnitudes` are what the relative part refers to, by default the
/// absolute values of the references.
package func mismatch(
  _ actual: [Float], _ expected: [Double], magnitudes: [Double]? = nil, _ tolerance: Tolerance = .exact
) -> String? {
  guard actual.count == expected.count else { return "\(actual.count) values, expected \(expected.count)" }
  func bound(_ index: Int) -> Double {
    let magnitude = magnitudes?[index] ?? abs(expected[index])
    return max(tolerance.ulps, tolerance.relative * magnitude / unitInTheLastPlace(expected[index]))
  }
  var outliers = 0
  var worst: (index: Int, excess: Double)?
  for index in actual.indices {
    let gap = ulpGap(actual[index], expected[index])
    let bound = bound(index)
    guard !(gap <= bound) else { continue }
    outliers += 1
    let excess = gap / max(bound, 1)
    if excess > worst?.excess ?? -1 { worst = (index, excess) }
  }
  guard let worst else { return nil }
  let share = Double(outliers * 1000 / actual.count) / 10
  let reference = expected[worst.index]
  return "\(outliers) of \(actual.count) differ (\(share)%), the worst at \(worst.index): \(actual[worst.index]), "
    + "expected \(reference), \(ulpGap(actual[worst.index], reference)) ULP apart, \(bound(worst.index)) allowed"
}

package func mismatch(_ actual: [Float], _ expected: [Float]) -> String? {
  mismatch(actual, expected.map(Double.init))
}

/// The distance from a reference in units in the last place of the Float nearest to it.
package func ulpGap(_ actual: Float, _ reference: Double) -> Double {
  if reference.isNaN || actual.isNaN { return reference.isNaN && actual.isNaN ? 0 : .infinity }
  if reference.isInfinite || actual.isInfinite { return Double(actual) == reference ? 0 : .infinity }
  return abs(Double(actual) - reference) / unitInTheLastPlace(reference)
}

private func unitInTheLastPlace(_ reference: Double) -> Double {
  let ulp = Float(reference).ulp
  return ulp.isFinite ? Double(ulp) : 1
}
