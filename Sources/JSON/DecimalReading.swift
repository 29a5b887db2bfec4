/// Conversion of decimal numbers to `Double`, correctly rounded.
enum DecimalReading {
  /// `significand × 10^exponent` as the nearest `Double`, ties to even; nil if this method does not cover the numbers.
  static func double(significand: UInt64, exponent: Int) -> Double? {
    if exponent == 0 || significand == 0 { return Double(significand) }
    // Both operands are exact, so the one operation rounds once (Clinger, doi:10.1145/93542.93557).
    if significand <= 1 << 53, (-22...22).contains(exponent) {
      return exponent < 0
        ? Double(significand) / powersOfTen[-exponent] : Double(significand) * powersOfTen[exponent]
    }
    guard (-27...27).contains(exponent) else { return nil }
    return exponent < 0
      ? quotient(significand, powersOfFive[-exponent], binaryExponent: exponent)
      : product(significand, powersOfFive[exponent], binaryExponent: exponent)
  }

  /// `dividend / divisor × 2^binaryExponent`, both not 0.
  private static func quotient(_ dividend: UInt64, _ divisor: UInt64, binaryExponent: Int) -> Double {
    let dividendShift = dividend.leadingZeroBitCount
    let divisorShift = divisor.leadingZeroBitCount
    let dividend = dividend << UInt64(dividendShift)
    // The quotient is at least 2^62, so its lowest bit does not decide the rounding and can stand for the remainder.
    let (quotient, remainder) = (divisor << UInt64(divisorShift)).dividingFullWidth((dividend >> 1, dividend << 63))
    return scaled(quotient | (remainder == 0 ? 0 : 1), binaryExponent + divisorShift - dividendShift - 63)
  }

  /// `a × b × 2^binaryExponent`, both not 0.
  private static func product(_ a: UInt64, _ b: UInt64, binaryExponent: Int) -> Double {
    let (high, low) = a.multipliedFullWidth(by: b)
    guard high != 0 else { return scaled(low, binaryExponent) }
    let shift = UInt64(high.leadingZeroBitCount)
    let top = high << shift | (low >> (63 - shift)) >> 1
    return scaled(top | (low << shift == 0 ? 0 : 1), binaryExponent + 64 - Int(shift))
  }

  /// `significand × 2^exponent`, rounded once, since the result is far from the limits of `Double`.
  private static func scaled(_ significand: UInt64, _ exponent: Int) -> Double {
    Double(significand) * Double(sign: .plus, exponentBitPattern: UInt(1023 + exponent), significandBitPattern: 0)
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  private static let powersOfFive: [UInt64] = [
    1, 5, 25, 125, 625, 3125, 15625, 78125, 390_625, 1_953_125, 9_765_625, 48_828_125, 244_140_625, 1_220_703_125,
    6_103_515_625, 30_517_578_125, 152_587_890_625, 762_939_453_125, 3_814_697_265_625, 19_073_486_328_125,
    95_367_431_640_625, 476_837_158_203_125, 2_384_185_791_015_625, 11_920_928_955_078_125, 59_604_644_775_390_625,
    298_023_223_876_953_125, 1_490_116_119_384_765_625, 7_450_580_596_923_828_125,
  ]
}
