/// Converts luma and chroma to red, green and blue, with 20 fractional bits like OpenCV's `COLOR_YUV2RGB_NV12`. For
/// `bt601` the results are the same bytes.
struct YCbCr {
  /// The luma of black.
  private let black: Int16
  private let luma: Int32
  private let redFromCr: Int32
  private let greenFromCr: Int32
  private let greenFromCb: Int32
  private let blueFromCb: Int32

  private static let bits: Int32 = 20

  init(_ encoding: YCbCrEncoding) {
    // With the full range, the matrices of the two standards; else 255 / 219 times the luma and 255 / 224 times the
    // chroma. For BT.601 they are OpenCV's constants, which have three decimals.
    let factors: (black: Int16, Double, Double, Double, Double, Double)
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
    var x = 0
    while x &+ 8 <= count {
      let terms = Terms(Self.load(chroma + x), self)
      convert(Self.load(upper + x), terms, to: first + 3 &* x, count: 8)
      convert(Self.load(lower + x), terms, to: second + 3 &* x, count: 8)
      x &+= 8
    }
    guard x < count else { return }
    let left = count - x
    let terms = Terms(Self.load(chroma + x, count: left), self)
    convert(Self.load(upper + x, count: left), terms, to: first + 3 &* x, count: left)
    convert(Self.load(lower + x, count: left), terms, to: second + 3 &* x, count: left)
  }

  /// What four pairs of Cb and Cr add to the colours of eight pixels, rounding included.
  private struct Terms {
    let red: SIMD8<Int32>
    let green: SIMD8<Int32>
    let blue: SIMD8<Int32>

    @inline(__always)
    init(_ chroma: SIMD8<UInt8>, _ encoding: YCbCr) {
      let half: Int32 = 1 << (YCbCr.bits - 1)
      let cb = SIMD4<Int32>(truncatingIfNeeded: chroma.evenHalf) &- 128
      let cr = SIMD4<Int32>(truncatingIfNeeded: chroma.oddHalf) &- 128
      red = Self.twice(cr &* encoding.redFromCr &+ half)
      green = Self.twice(cr &* encoding.greenFromCr &+ cb &* encoding.greenFromCb &+ half)
      blue = Self.twice(cb &* encoding.blueFromCb &+ half)
    }

    /// Each number for two neighbouring pixels.
    @inline(__always)
    private static func twice(_ numbers: SIMD4<Int32>) -> SIMD8<Int32> {
      var pairs = SIMD8<Int32>()
      pairs.evenHalf = numbers
      pairs.oddHalf = numbers
      return pairs
    }
  }

  @inline(__always)
  private func convert(
    _ samples: SIMD8<UInt8>, _ terms: Terms, to pixels: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let aboveBlack = pointwiseMax(SIMD8<Int16>(truncatingIfNeeded: samples) &- black, SIMD8(repeating: 0))
    let y = SIMD8<Int32>(truncatingIfNeeded: aboveBlack) &* luma
    let (red, green, blue) = (
      Self.clamped(y &+ terms.red), Self.clamped(y &+ terms.green), Self.clamped(y &+ terms.blue)
    )
    for pixel in 0..<count {
      pixels[3 &* pixel] = red[pixel]
      pixels[3 &* pixel &+ 1] = green[pixel]
      pixels[3 &* pixel &+ 2] = blue[pixel]
    }
  }

  /// The whole parts, 0 to 255. Before they are clamped they fit 16 bits, whose minimum and maximum every CPU has.
  @inline(__always)
  private static func clamped(_ sums: SIMD8<Int32>) -> SIMD8<UInt8> {
    let wholes = SIMD8<Int16>(truncatingIfNeeded: sums &>> bits)
    return SIMD8(truncatingIfNeeded: pointwiseMax(pointwiseMin(wholes, SIMD8(repeating: 255)), SIMD8(repeating: 0)))
  }

  @inline(__always)
  private static func load(_ samples: UnsafePointer<UInt8>) -> SIMD8<UInt8> {
    UnsafeRawPointer(samples).loadUnaligned(as: SIMD8<UInt8>.self)
  }

  /// The last samples of a row, fewer than eight.
  private static func load(_ samples: UnsafePointer<UInt8>, count: Int) -> SIMD8<UInt8> {
    var vector = SIMD8<UInt8>()
    for index in 0..<count { vector[index] = samples[index] }
    return vector
  }
}
