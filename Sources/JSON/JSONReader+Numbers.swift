extension JSONReader {
  /// Reads an integer in `range`, written without a fraction or exponent.
  package mutating func int(in range: ClosedRange<Int> = .min ... .max) throws(JSONError) -> Int {
    skipWhitespace()
    var at = position
    let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let first = at
    var magnitude: UInt64 = 0
    while at < bytes.count, case let digit = bytes[at] &- 0x30, digit < 10 {
      magnitude = magnitude &* 10 &+ UInt64(digit)
      at += 1
    }
    let goesOn = at < bytes.count && [UInt8(ascii: "."), UInt8(ascii: "E"), UInt8(ascii: "e")].contains(bytes[at])
    let hasLeadingZero = at - first > 1 && bytes[first] == 0x30
    // A number of nineteen digits is below 2^64.
    let limit = UInt64(Int.max) + (isNegative ? 1 : 0)
    guard at > first, !goesOn, !hasLeadingZero, at - first <= 19, magnitude <= limit,
      case let value = Int(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude), range.contains(value)
    else {
      throw wrongInteger(range)
    }
    position = at
    return value
  }

  /// Reads a number as the nearest `Double`, ties to even. Numbers beyond the range of `Double` are refused.
  package mutating func double() throws(JSONError) -> Double {
    skipWhitespace()
    let start = position
    var at = start
    let isNegative = at < bytes.count && bytes[at] == UInt8(ascii: "-")
    if isNegative { at += 1 }
    let first = at
    var significand: UInt64 = 0
    while at < bytes.count, case let digit = bytes[at] &- 0x30, digit < 10 {
      significand = significand &* 10 &+ UInt64(digit)
      at += 1
    }
    var digits = at - first
    guard digits > 0, digits == 1 || bytes[first] != 0x30 else { throw wrongNumber(at: start) }
    var exponent = 0
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      let fraction = at
      while at < bytes.count, case let digit = bytes[at] &- 0x30, digit < 10 {
        significand = significand &* 10 &+ UInt64(digit)
        at += 1
      }
      exponent = fraction - at
      guard exponent < 0 else { throw unexpected("a digit after the point", at: at) }
      digits -= exponent
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") { exponent += try scanExponent(&at) }
    position = at
    if digits > 19 {
      // Leading zeros do not count.
      digits -= bytes[first..<at].prefix { $0 == 0x30 || $0 == UInt8(ascii: ".") }.count { $0 == 0x30 }
    }
    if digits <= 19, let magnitude = DecimalReading.double(significand: significand, exponent: exponent) {
      return isNegative ? -magnitude : magnitude
    }
    guard let value = Double(String(decoding: bytes[start..<at], as: UTF8.self)), value.isFinite else {
      throw wrongValue("a number in the range of Double", at: start)
    }
    return value
  }

  /// Reads the exponent whose letter is at `at`. Values far beyond the range of `Double` are not exact.
  private func scanExponent(_ at: inout Int) throws(JSONError) -> Int {
    at += 1
    let sign = at < bytes.count ? bytes[at] : 0
    if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { at += 1 }
    let first = at
    var exponent = 0
    while at < bytes.count, case let digit = bytes[at] &- 0x30, digit < 10 {
      exponent = min(exponent * 10 + Int(digit), 1_000_000_000)
      at += 1
    }
    guard at > first else { throw unexpected("a digit of the exponent", at: at) }
    return sign == UInt8(ascii: "-") ? -exponent : exponent
  }

  /// Skips a number.
  mutating func skipNumber() throws(JSONError) {
    let start = position
    var at = start
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    let first = at
    skipDigits(&at)
    guard at > first, at - first == 1 || bytes[first] != 0x30 else { throw wrongNumber(at: start) }
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      let fraction = at
      skipDigits(&at)
      guard at > fraction else { throw unexpected("a digit after the point", at: at) }
    }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") { _ = try scanExponent(&at) }
    position = at
  }

  @inline(__always)
  private func skipDigits(_ at: inout Int) {
    while at < bytes.count, bytes[at] &- 0x30 < 10 { at += 1 }
  }

  @inline(never)
  private func wrongNumber(at start: Int) -> JSONError {
    var first = start
    if first < bytes.count, bytes[first] == UInt8(ascii: "-") { first += 1 }
    let hasDigit = first < bytes.count && bytes[first] &- 0x30 < 10
    return wrongValue(hasDigit ? "a number without leading zeros" : "a number", at: start)
  }

  @inline(never)
  private func wrongInteger(_ range: ClosedRange<Int>) -> JSONError {
    wrongValue(
      range == .min ... .max ? "a 64-bit integer" : "an integer from \(range.lowerBound) to \(range.upperBound)",
      at: position)
  }
}
