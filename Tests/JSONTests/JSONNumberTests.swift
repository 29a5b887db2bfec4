import JSON
import TestSupport
import Testing

@Suite struct JSONNumberTests {
  /// The numbers as one document, read at once.
  private func read(_ texts: [String]) throws -> [Double] {
    try JSONReader.read("[\(texts.joined(separator: ","))]") { (reader) throws(JSONError) in
      var values: [Double] = []
      try reader.doubles(into: &values)
      return values
    }
  }

  /// Compares with the standard library, to the bit.
  private func compare(_ texts: [String], _ location: SourceLocation = #_sourceLocation) throws {
    for (text, value) in zip(texts, try read(texts)) where value.bitPattern != Double(text)?.bitPattern {
      Issue.record("\(text) reads as \(value), not \(Double(text) ?? .nan)", sourceLocation: location)
    }
  }

  @Test func theHardCases() throws {
    try compare([
      "0", "-0", "0.0", "-0.0e10", "0e99999999999999999999", "0.000e-400", "1", "-1", "0.1", "1e0", "1E+2", "1e-2",
      // On both sides of Clinger's limits.
      "9007199254740992", "9007199254740993", "9007199254740992e22", "9007199254740993e22", "9007199254740992e-22",
      "9007199254740993e-22", "9007199254740992e23", "9007199254740993e-23", "123456789012345678e-22",
      // Halfway between two doubles, and one digit to each side.
      "9007199254740993.0", "9007199254740992.9", "9007199254740993.1", "9007199254740995", "9007199254740994.9",
      "1.00000000000000011102230246251565", "1.000000000000000111", "0.500000000000000055511151231257827",
      "0.50000000000000005", "4503599627370496.5", "4503599627370497.5", "4503599627370496.4999", "36028797018963966",
      // Nineteen digits and more, and the ends of 64 bits.
      "9999999999999999999", "18446744073709551615", "18446744073709551616", "12345678901234567890123456789",
      "1.2345678901234567890123456789", "0.0000000000000000000000000000012345678901234567891",
      "0.000000001234567890123456789", "9999999999999999999e27", "9999999999999999999e-27", "1e27", "1e-27", "1e28",
      "1e-28", "3e27", "7e-27",
      // The ends of Double.
      "1.7976931348623157e308", "1.7976931348623158e308", "2.2250738585072014e-308", "2.2250738585072011e-308",
      "5e-324", "4.9406564584124654e-324", "2.4703282292062328e-324", "2.4703282292062327e-324", "1e-400",
      "1e-99999999999999999999", "179769313486231580793728971405301e276", "6.631236846766476e-316",
      "3.2378839133029012895883524125015321748630094762385042e-319",
      "8.9885e307", "1448997445238699", "6929001713869936e236", "5.0E-324", "9214843084008499",
    ])
  }

  @Test(arguments: ["1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999"])
  func whatDoubleDoesNotHoldIsRefused(text: String) {
    #expect(
      refusal { () throws(JSONError) in
        _ = try JSONReader.read(text) { (reader) throws(JSONError) in try reader.double() }
      } == "expected a number in the range of Double, found “\(text)” (line 1, column 1, byte 0)")
    // As long as nobody asks for its value it is JSON.
    #expect(refusal { () throws(JSONError) in try JSONReader.read(text) { (_) throws(JSONError) in } } == nil)
  }

  @Test func digitsWithoutEnd() throws {
    let nines = String(repeating: "9", count: 100_000)
    let zeros = String(repeating: "0", count: 100_000)
    try compare(["0.\(nines)", "0.\(zeros)1", "1.\(zeros)1", "\(nines)e-100000", "0.\(zeros)123e100001"])
  }

  @Test func shortDecimalsAsAnnotationsHaveThem() throws {
    var generator = SeededGenerator(seed: 1)
    try compare(
      (0..<20_000).map { _ in
        let value = Int.random(in: 0..<10_000_000, using: &generator)
        let places = Int.random(in: 0...6, using: &generator)
        let digits = "\(value)"
        let text = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return places == 0 ? text : "\(text.dropLast(places)).\(text.suffix(places))"
      })
  }

  @Test func anyDigitsAndExponents() throws {
    var generator = SeededGenerator(seed: 2)
    try compare(
      (0..<40_000).map { _ in
        let count = Int.random(in: 1...21, using: &generator)
        let digits = (0..<count).map { _ in "\(Int.random(in: 0...9, using: &generator))" }.joined()
        let whole = "\(Int.random(in: 0...9, using: &generator))"
        let exponent = Int.random(in: Bool.random(using: &generator) ? -30...30 : -345...300, using: &generator)
        return "\(Bool.random(using: &generator) ? "-" : "")\(whole).\(digits)e\(exponent)"
      })
  }

  @Test func theShortestTextOfADoubleReadsAsIt() throws {
    var generator = SeededGenerator(seed: 3)
    var values = (0..<20_000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
    values += (0..<20_000).map { _ in Double.random(in: -2000...2000, using: &generator) }
    values += (0..<20_000).map { _ in Double(Float.random(in: 0...1, using: &generator)) }
    for (value, read) in zip(values, try read(values.map { "\($0)" })) where value.bitPattern != read.bitPattern {
      Issue.record("\(value) reads as \(read)")
    }
  }

  /// Halfway between neighbours: the digits of m + 1/2 units, exactly, where they fit 64 bits.
  @Test func tiesGoToEven() throws {
    var generator = SeededGenerator(seed: 4)
    var texts: [String] = []
    for _ in 0..<10_000 {
      // An odd number of 54 bits times a power of two is halfway; divided by 2^k it has k decimals.
      let odd = UInt64.random(in: 1 << 53..<1 << 54, using: &generator) | 1
      let shift = UInt64.random(in: 0...9, using: &generator)
      texts.append("\(odd << shift)")
      texts += ["\(odd << shift).000", "\(odd)e0"]
      let halves = Int.random(in: 0...3, using: &generator)
      let (scaled, overflow) = odd.multipliedReportingOverflow(by: [1, 5, 25, 125][halves])
      if !overflow { texts += ["\(scaled)e-\(halves)", "\(scaled &- 1)e-\(halves)", "\(scaled &+ 1)e-\(halves)"] }
    }
    try compare(texts)
  }

  /// Above a tie that rounds down by less than the 64th bit of the result tells.
  @Test func justAboveATie() throws {
    var generator = SeededGenerator(seed: 8)
    var texts: [String] = []
    var power: UInt64 = 1
    for exponent in 1...27 {
      power *= 5
      var inverse: UInt64 = 1
      for _ in 0..<6 { inverse &*= 2 &- power &* inverse }
      let bits = UInt64(64 - power.leadingZeroBitCount)
      for _ in 0..<200 {
        // w × 2^shift = m × 5^k + 3, with m odd, of 54 bits, and 1 more than a multiple of 4.
        let divisorShift = bits + 54 > 64 ? bits + 54 - 64 : 0
        if divisorShift > 1, divisorShift < 54 {
          let free = UInt64.random(in: 1 << 53..<1 << 54, using: &generator) & ~((1 << divisorShift) - 1)
          let halfway = free | (0 &- 3 &* inverse) & ((1 << divisorShift) - 1)
          let (high, low) = halfway.multipliedFullWidth(by: power)
          let (sum, carry) = low.addingReportingOverflow(3)
          let significand = (high + (carry ? 1 : 0)) << (64 - divisorShift) | sum >> divisorShift
          if halfway & 3 == 1, halfway >> 53 == 1 { texts.append("\(significand)e-\(exponent)") }
        }
        // w × 5^k = m × 2^shift + 3, with such an m.
        let productShift = bits + 9
        if productShift < 62 {
          let free = (generator.next() | 1 << 63) & ~((1 << productShift) - 1)
          let significand = free | (3 &* inverse) & ((1 << productShift) - 1)
          let (high, low) = significand.multipliedFullWidth(by: power)
          let length = UInt64(128 - high.leadingZeroBitCount)
          let halfway = length - 54 >= 64 ? high >> (length - 118) : high << (118 - length) | low >> (length - 54)
          if halfway & 3 == 1 { texts.append("\(significand)e\(exponent)") }
        }
      }
    }
    #expect(texts.count > 2000)
    try compare(texts)
  }

  @Test func integersReadLikeTheStandardLibrarys() throws {
    var generator = SeededGenerator(seed: 5)
    let values = (0..<10_000).map { _ in
      Int(truncatingIfNeeded: generator.next()) >> Int.random(in: 0...63, using: &generator)
    }
    let read = try JSONReader.read("\(values)") { (reader) throws(JSONError) in try reader.integers(limit: 10_000) }
    #expect(read == values)
  }
}
