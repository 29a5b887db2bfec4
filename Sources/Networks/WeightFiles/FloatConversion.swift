/// Converts the bits of an IEEE 754 half-precision float exactly. A NaN keeps its sign and payload.
///
/// It uses only integer arithmetic and selects, so that the compiler vectorises loops over it at every level. Without
/// F16C, `Float(Float16)` is a function call per element.
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

/// Converts the bits of a bfloat16 exactly.
@inline(__always)
func float(bfloat16 bits: UInt16) -> Float {
  Float(bitPattern: UInt32(bits) << 16)
}
