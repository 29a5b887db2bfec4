/// Writes safetensors files, the same bytes for the same input.
public struct SafetensorsWriter: Sendable {
  /// A tensor to write.
  public struct Tensor: Sendable {
    /// The name, unique in the file.
    public let name: String
    /// The type of the elements.
    public let dtype: DType
    /// The size of each dimension, outermost first.
    public let shape: [Int]
    let bytes: [UInt8]

    /// A tensor of any type from its elements in row-major order, little-endian.
    public init(name: String, dtype: DType, shape: [Int], bytes: [UInt8]) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.bytes = bytes
    }

    /// A tensor of F32 from its elements in row-major order.
    public init(name: String, shape: [Int], floats: [Float]) {
      let bits = floats.map { $0.bitPattern.littleEndian }
      self.init(name: name, dtype: .float32, shape: shape, bytes: bits.withUnsafeBytes(Array.init))
    }
  }

  /// Writes `tensors`, listed in this order, and `metadata` to `path`, which appears whole or not at all and replaces
  /// what was there.
  ///
  /// As in the reference implementation the elements lie by falling element size, so that each tensor is aligned.
  /// Throws `cannotWrite`, also where two tensors have one name or a tensor's bytes do not fit its shape.
  public static func write(
    _ tensors: [Tensor], metadata: [String: String] = [:], to path: String
  ) throws(WeightFileError) {
    do throws(FormatFault) {
      try validate(tensors)
    } catch {
      if case .malformed(let reason) = error { throw .cannotWrite(path: path, reason: reason) }
      throw WeightFileError(error, path: path)
    }
    let order = tensors.indices.sorted {
      (tensors[$1].dtype.byteCount, $0) < (tensors[$0].dtype.byteCount, $1)
    }
    var begins = [Int](repeating: 0, count: tensors.count)
    var end = 0
    for index in order {
      begins[index] = end
      end += tensors[index].bytes.count
    }
    let file = try AtomicFile(path: path)
    try file.write(header(tensors, begins: begins, metadata: metadata))
    for index in order { try file.write(tensors[index].bytes) }
    try file.commit()
  }

  private static func validate(_ tensors: [Tensor]) throws(FormatFault) {
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else {
        throw .malformed("the name “\(printable(tensor.name))” is taken")
      }
      let size = try StoredTensor(dtype: tensor.dtype, shape: tensor.shape, byteOffset: 0).byteExtent
      guard tensor.bytes.count == size else {
        throw .malformed(
          "“\(printable(tensor.name))” has \(tensor.bytes.count) bytes, but \(tensor.dtype.rawValue) of shape "
            + "\(tensor.shape) takes \(size)")
      }
    }
  }

  private static func header(_ tensors: [Tensor], begins: [Int], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    for (tensor, begin) in zip(tensors, begins) {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(begin),\(begin + tensor.bytes.count)]}")
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while !json.count.isMultiple(of: 8) { json.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
  }

  /// A JSON list of texts.
  static func quoted(_ texts: [String]) -> String { "[" + texts.map { quoted($0) }.joined(separator: ",") + "]" }

  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
