import Testing

@testable import Networks

@Suite struct FloatConversionTests {
  @Test func everyBinary16PatternIsExact() {
    var wrong: [UInt16] = []
    for bits in UInt16.min...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let found = float(binary16: bits)
      let isRight =
        expected.isNaN
        ? found.isNaN && found.sign == expected.sign
          && found.bitPattern & 0x003F_E000 == UInt32(bits & 0x1FF) << 13
        : found.bitPattern == expected.bitPattern
      if !isRight { wrong.append(bits) }
    }
    #expect(wrong.isEmpty, "\(wrong.count) patterns differ, first \(wrong.prefix(3))")
  }

  @Test func bfloat16IsTheUpperHalf() {
    for value: Float in [0, -0.0, 1, -2.5, .infinity, .leastNormalMagnitude] {
      #expect(float(bfloat16: UInt16(value.bitPattern >> 16)).bitPattern == value.bitPattern)
    }
    #expect(float(bfloat16: 1).bitPattern == 0x10000)
  }
}
