import Annotate

extension Blur {
  /// Reads a blur from a command line: `0`, `SIZE`, `SIZE:SIGMA` or `median:SIZE`.
  init(argument: String) throws(CommandError) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    if argument == "0" {
      self = .none
    } else if parts.count == 2, parts[0] == "median", let size = Int(parts[1]) {
      guard size == 3 || size == 5 else { throw CommandError("--blur median:SIZE needs a size of 3 or 5, got \(size)") }
      self = .median(size: size)
    } else if parts.count <= 2, let size = Int(parts[0]), let sigma = parts.count == 2 ? Double(parts[1]) : 0 {
      guard (1...GaussianBlur.largestSize).contains(size), !size.isMultiple(of: 2) else {
        throw CommandError(
          "--blur needs an odd size of 1 to \(GaussianBlur.largestSize), or 0 for no blur, got \(size)")
      }
      guard parts.count == 1 || sigma > 0 && sigma.isFinite else {
        throw CommandError("--blur needs a sigma above 0, got \(sigma)")
      }
      // With a sigma of 0, `GaussianBlur` derives it from the size.
      self = .gaussian(size: size, sigma: sigma)
    } else {
      throw CommandError("--blur must be 0, SIZE, SIZE:SIGMA or median:SIZE, got \(argument)")
    }
  }
}
