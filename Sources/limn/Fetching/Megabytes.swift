/// Sizes for people.
enum Megabytes {
  /// Bytes as millions of them, with one decimal.
  static func text(_ bytes: Int) -> String {
    let tenths = (bytes + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) MB"
  }
}
