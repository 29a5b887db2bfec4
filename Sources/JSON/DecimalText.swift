/// Decimal numbers as text, independent of locale.
package enum DecimalText {
  /// A value rounded to `places` decimals, without trailing zeros: `55.2`, `397`, `0`.
  ///
  /// A value that is not finite gives `null`, which keeps a JSON document valid.
  package static func shortest(_ value: Double, places: Int) -> String {
    var text = fixed(value, places: places)
    guard text.utf8.contains(UInt8(ascii: ".")), !text.utf8.contains(UInt8(ascii: "e")) else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  /// A value rounded to exactly `places` decimals, 0 to 15: `55.20`, `397.00`, `0.00`.
  ///
  /// Values with more digits than `Double` can represent exactly have Swift's shortest notation. A value that is not
  /// finite gives `null`.
  package static func fixed(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return "null" }
    var unit: UInt64 = 1
    for _ in 0..<places { unit *= 10 }
    let scaled = (value.magnitude * Double(unit)).rounded()
    guard scaled < 0x1p53 else { return "\(value)" }
    let digits = UInt64(scaled)
    var text = value < 0 && digits != 0 ? "-" : ""
    text += String(digits / unit)
    guard places > 0 else { return text }
    let fraction = String(digits % unit)
    return text + "." + String(repeating: "0", count: places - fraction.utf8.count) + fraction
  }
}
