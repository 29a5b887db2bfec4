/// The number that an IEEE 754 binary16 pattern stands for. Exact for every pattern; a NaN keeps its sign and payload.
///
/// Integer arithmetic and selects only: without F16C the compiler turns `Float(Float16)` into a call per element,
/// while a loop over this one becomes vector code at every level.
@inline(__always)
func float(binary16 bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7FFF) << 13
  let exponent = magnitude & 0x0F80_0000
  let rebiased = magnitude &+ 0x3800_0000
  let subnormal = (Float(bitPattern: rebiased &+ 0x0080_0000) - Float(bitPattern: 0x3880_0000)).bitPattern
  let finite = exponent == 0 ? subnormal : rebiased
  let unsigned = exponent == 0x0F80_0000 ? magnitude | 0x7F80_0000 : finite
  return Float(bitPattern: unsigned | UInt32(bits & 0x8000) << 16)
}

/// The number that a bfloat16 pattern stands for. Exact.
@inline(__always)
func float(bfloat16 bits: UInt16) -> Float {
  Float(bitPattern: UInt32(bits) << 16)
}
