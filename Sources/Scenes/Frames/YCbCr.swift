/// Converts luma and chroma to red, green and blue, with 20 fractional bits like OpenCV's `COLOR_YUV2RGB_NV12`. For
/// `bt601` the results are the same bytes.
struct YCbCr {
  /// The luma of black.
  private let black: Int32
  private let luma: Int32
  private let redFromCr: Int32
  private let greenFromCr: Int32
  private let greenFromCb: Int32
  private let blueFromCb: Int32

  private static let bits: Int32 = 20

  init(_ encoding: YCbCrEncoding) {
    // With the full range, the matrices of the two standards; else 255 / 219 times the luma and 255 / 224 times the
    // chroma. For BT.601 they are OpenCV's constants, which have three decimals.
    let factors: (black: Int32, Double, Double, Double, Double, Double)
    switch encoding {
    case .bt601: factors = (16, 1.164, 1.596, -0.813, -0.391, 2.018)
    case .bt601FullRange: factors = (0, 1, 1.402, -0.714136, -0.344136, 1.772)
    case .bt709: factors = (16, 255.0 / 219, 1.792741, -0.532909, -0.213249, 2.112402)
    case .bt709FullRange: factors = (0, 1, 1.5748, -0.468124, -0.187324, 1.8556)
    }
    func fixedPoint(_ factor: Double) -> Int32 { Int32((factor * Double(1 << Self.bits)).rounded()) }
    black = factors.black
    luma = fixedPoint(factors.1)
    redFromCr = fixedPoint(factors.2)
    greenFromCr = fixedPoint(factors.3)
    greenFromCb = fixedPoint(factors.4)
    blueFromCb = fixedPoint(factors.5)
  }

  /// Converts two rows that share a chroma row; `count` is even.
  func convert(
    _ upper: UnsafePointer<UInt8>, _ lower: UnsafePointer<UInt8>, _ chroma: UnsafePointer<UInt8>,
    to first: UnsafeMutablePointer<UInt8>, _ second: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let half: Int32 = 1 << (Self.bits - 1)
    for x in stride(from: 0, to: count, by: 2) {
      let (cb, cr) = (Int32(chroma[x]) - 128, Int32(chroma[x &+ 1]) - 128)
      let red = half &+ redFromCr &* cr
      let green = half &+ greenFromCr &* cr &+ greenFromCb &* cb
      let blue = half &+ blueFromCb &* cb
      func convert(_ sample: UInt8, to pixel: UnsafeMutablePointer<UInt8>) {
        let y = max(0, Int32(sample) - black) &* luma
        pixel[0] = clamped((y &+ red) >> Self.bits)
        pixel[1] = clamped((y &+ green) >> Self.bits)
        pixel[2] = clamped((y &+ blue) >> Self.bits)
      }
      convert(upper[x], to: first + 3 &* x)
      convert(upper[x &+ 1], to: first + (3 &* x &+ 3))
      convert(lower[x], to: second + 3 &* x)
      convert(lower[x &+ 1], to: second + (3 &* x &+ 3))
    }
  }

  private func clamped(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: max(0, min(255, value))) }
}
