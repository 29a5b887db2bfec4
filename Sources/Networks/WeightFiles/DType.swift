/// The element type of a stored tensor. The raw value is its name in safetensors.
public enum DType: String, Sendable, Hashable, CaseIterable {
  /// A Boolean in one byte.
  case bool = "BOOL"
  /// An unsigned 8-bit integer.
  case uint8 = "U8"
  /// A signed 8-bit integer.
  case int8 = "I8"
  /// An 8-bit float with 5 bits of exponent and 2 of mantissa.
  case float8E5M2 = "F8_E5M2"
  /// An 8-bit float with 4 bits of exponent and 3 of mantissa.
  case float8E4M3 = "F8_E4M3"
  /// An 8-bit power of two, the scale of block formats.
  case float8E8M0 = "F8_E8M0"
  /// An 8-bit float with 5 bits of exponent, finite only and without a negative zero.
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  /// An 8-bit float with 4 bits of exponent, finite only and without a negative zero.
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  /// An unsigned 16-bit integer.
  case uint16 = "U16"
  /// A signed 16-bit integer.
  case int16 = "I16"
  /// An IEEE 754 half-precision float.
  case float16 = "F16"
  /// A bfloat16: the upper half of a single-precision float.
  case bfloat16 = "BF16"
  /// An unsigned 32-bit integer.
  case uint32 = "U32"
  /// A signed 32-bit integer.
  case int32 = "I32"
  /// An IEEE 754 single-precision float.
  case float32 = "F32"
  /// An unsigned 64-bit integer.
  case uint64 = "U64"
  /// A signed 64-bit integer.
  case int64 = "I64"
  /// An IEEE 754 double-precision float.
  case float64 = "F64"
  /// A complex number of two single-precision floats.
  case complex64 = "C64"

  /// The size of an element in bytes.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E5M2FNUZ, .float8E4M3FNUZ: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64, .complex64: 8
    }
  }

  /// Whether `WeightFile.floats` can read the type: F16, BF16, F32 and F64.
  public var readsAsFloats: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}
