import Files
import JSON

/// Writes safetensors files. Equal input gives equal bytes.
public struct SafetensorsWriter: Sendable {
  /// A tensor to write.
  public struct Tensor: Sendable {
    /// The name, unique in the file.
    public let name: String
    /// The type of the elements.
    public let dtype: DType
    /// The size of each dimension, the outermost first.
    public let shape: [Int]
    let bytes: [UInt8]

    /// Makes a tensor of any type from the bytes of its elements, in row-major order and little-endian.
    public init(name: String, dtype: DType, shape: [Int], bytes: [UInt8]) {
      self.name = name
      self.dtype = dtype
      self.shape = shape
      self.bytes = bytes
    }

    /// Makes a tensor of F32 from its elements in row-major order.
    public init(name: String, shape: [Int], floats: [Float]) {
      let bits = floats.map { $0.bitPattern.littleEndian }
      self.init(name: name, dtype: .float32, shape: shape, bytes: bits.withUnsafeBytes(Array.init))
    }
  }

  /// Writes tensors to a safetensors file, atomically.
  ///
  /// As in the reference implementation, the elements are ordered by falling element size, so that every tensor is
  /// aligned.
  ///
  /// - Parameters:
  ///   - tensors: The tensors, in the order of the header.
  ///   - metadata: The file's metadata.
  ///   - path: The file. An existing file is replaced.
  /// - Throws: `WeightFileError.cannotWrite` if the file cannot be written, two tensors have one name, a tensor's bytes
  ///   do not suit its shape, or the task was cancelled.
  public static func write(
    _ tensors: [Tensor], metadata: [String: String] = [:], to path: String
  ) throws(WeightFileError) {
    let plans = tensors.map { Plan(name: $0.name, dtype: $0.dtype, shape: $0.shape) }
    try write(plans, metadata: metadata, to: path) { tensors[$0].bytes }
  }

  /// A tensor whose elements are requested when they are written.
  struct Plan {
    let name: String
    let dtype: DType
    let shape: [Int]
  }

  /// Writes the tensors of `plans`; `bytes` returns the bytes of the tensor at an index, as in `Tensor`.
  static func write(
    _ plans: [Plan], metadata: [String: String], to path: String,
    bytes: (_ index: Int) throws(WeightFileError) -> [UInt8]
  ) throws(WeightFileError) {
    let sizes: [Int]
    do throws(FormatFault) {
      sizes = try Self.sizes(of: plans)
    } catch {
      if case .malformed(let reason) = error { throw .cannotWrite(path: path, reason: reason) }
      throw WeightFileError(error, path: path)
    }
    let order = plans.indices.sorted {
      (plans[$1].dtype.byteCount, $0) < (plans[$0].dtype.byteCount, $1)
    }
    var begins = [Int](repeating: 0, count: plans.count)
    var end = 0
    for index in order {
      begins[index] = end
      let (sum, overflow) = end.addingReportingOverflow(sizes[index])
      guard !overflow else { throw .cannotWrite(path: path, reason: "its tensors take more than 2^63 bytes") }
      end = sum
    }
    func written<Result>(_ body: () throws(FileError) -> Result) throws(WeightFileError) -> Result {
      do { return try body() } catch { throw .cannotWrite(path: path, reason: error.reason) }
    }
    let file = try written { () throws(FileError) in try OutputFile(path: path, replacing: .regular) }
    let header = header(plans, begins: begins, sizes: sizes, metadata: metadata)
    try written { () throws(FileError) in try file.write(header) }
    for index in order {
      let elements = try bytes(index)
      guard elements.count == sizes[index] else {
        let plan = plans[index]
        throw .cannotWrite(
          path: path,
          reason: "“\(printable(plan.name))” has \(elements.count) bytes, but \(plan.dtype.rawValue) of shape "
            + "\(plan.shape) takes \(sizes[index])")
      }
      try written { () throws(FileError) in try file.write(elements) }
    }
    guard !Task.isCancelled else { throw .cannotWrite(path: path, reason: "the task was cancelled") }
    try written { () throws(FileError) in try file.commit() }
  }

  /// The size of each tensor in bytes. Throws if two have one name or a shape is impossible.
  private static func sizes(of plans: [Plan]) throws(FormatFault) -> [Int] {
    var names: Set<String> = ["__metadata__"]
    var sizes: [Int] = []
    for plan in plans {
      guard names.insert(plan.name).inserted else {
        throw .malformed("two tensors have the name “\(printable(plan.name))”, or it is reserved")
      }
      sizes.append(try StoredTensor(dtype: plan.dtype, shape: plan.shape, byteOffset: 0).byteExtent)
    }
    return sizes
  }

  private static func header(
    _ plans: [Plan], begins: [Int], sizes: [Int], metadata: [String: String]
  ) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    for (index, plan) in plans.enumerated() {
      let shape = plan.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSONText.quoted(plan.name)):{\"dtype\":\"\(plan.dtype.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(begins[index]),\(begins[index] + sizes[index])]}")
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while !json.count.isMultiple(of: 8) { json.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
  }
}
