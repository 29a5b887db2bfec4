/// Sizes in megabytes, for messages.
enum Megabytes {
  /// A number of bytes in megabytes (10^6 bytes), with one decimal.
  static func text(_ bytes: Int) -> String {
    let tenths = (bytes + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) MB"
  }
}
