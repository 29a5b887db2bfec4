import ArgumentParser
import Tensor

/// Seconds of the fastest and of the median of several runs, after one that is not counted.
struct Timing {
  var best: Double
  var median: Double

  init(rounds: Int, _ body: () throws -> Void) rethrows {
    try body()
    let clock = ContinuousClock()
    var seconds: [Double] = []
    for _ in 0..<max(rounds, 1) {
      let elapsed = try clock.measure { try body() }
      seconds.append(elapsed / .seconds(1))
    }
    seconds.sort()
    best = seconds[0]
    median = seconds[seconds.count / 2]
  }
}

extension Timing {
  /// Prints both under the given name.
  func report(_ name: String) {
    print(
      column(name, width: 44), "best", column(best * 1e3, 3, width: 8), "ms, median",
      column(median * 1e3, 3, width: 8), "ms")
  }
}

/// Throws unless an answer is right.
func require(_ isRight: Bool, _ name: String) throws {
  guard isRight else { throw ValidationError("\(name) differs from the plain loops") }
}

/// A number with that many decimals, padded on the left.
func column(_ value: Double, _ decimals: Int, width: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let rounded = Int((value * scale).rounded())
  let whole = String(rounded / Int(scale))
  let fraction = String(rounded % Int(scale))
  let text =
    decimals == 0 ? whole : whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
  return String(repeating: " ", count: max(0, width - text.count)) + text
}

/// Text padded on the right.
func column(_ text: String, width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// The level of that name.
func parsedLevel(_ name: String) throws -> InstructionSetLevel {
  guard let level = InstructionSetLevel(name: name) else {
    throw ValidationError("the levels are \(InstructionSetLevel.allCases.map(\.name).joined(separator: ", "))")
  }
  return level
}

/// The precision of that name.
func parsedPrecision(_ name: String) throws -> Precision {
  guard let precision = Precision(rawValue: name) else {
    throw ValidationError("the precisions are \(Precision.allCases.map(\.rawValue).joined(separator: ", "))")
  }
  return precision
}
