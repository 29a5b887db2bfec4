import Tensor
import TestSupport
import Testing

@testable import Networks

@Suite struct CalibrationTests {
  /// Padding is 0, so 0 must be a byte of every range, also of one that lies above or below it.
  @Test(arguments: [(-3, -1), (1, 3), (-1, 2), (-5, 0), (0, 7), (0, 0), (-1e-3, 900)] as [(Float, Float)])
  func everyRangeHoldsZeroAndItsLimits(_ least: Float, _ greatest: Float) {
    let format = Calibration.Range(least: least, greatest: greatest).format
    #expect(format.kind == .byte)
    #expect(format.zero == format.zero.rounded() && (0...255).contains(format.zero))
    for value in [least, greatest] {
      let byte = min(max((value / format.scale + format.zero).rounded(), 0), 255)
      let found = (byte - format.zero) * format.scale
      #expect(abs(found - value) <= Tolerance.LowerPrecision.step * format.scale, "\(value)")
    }
    let width = max(greatest, 0) - min(least, 0)
    #expect(format.scale <= max(width / 255, 1e-9) * 1.000_001, "no byte is wasted")
  }
}
