/// An open weight file: safetensors, or a PyTorch zip checkpoint (`.pt`, `.pth`).
///
/// The format is recognised by the content, not by the name. The file is mapped into memory: opening reads only the
/// header or pickle, and elements are read when they are needed. The file must not be truncated while it is open.
/// Nothing in a file is ever executed. A weight file can be shared between tasks.
public struct WeightFile: Sendable {
  /// The format of a weight file.
  public enum Format: String, Sendable {
    /// A safetensors file.
    case safetensors
    /// A PyTorch checkpoint, a zip archive with a pickle.
    case pytorch
  }

  /// A named tensor.
  public struct Entry: Sendable, Hashable {
    /// The full name. In a checkpoint it is the name in the model's `state_dict()`, without the file's `keyPrefix`.
    public let name: String
    /// The type, shape and position of the elements.
    public let tensor: StoredTensor

    /// The stored type of the elements.
    public var dtype: DType { tensor.dtype }
    /// The size of each dimension, the outermost first; empty for a scalar.
    public var shape: [Int] { tensor.shape }
  }

  /// A layer of a pickled model.
  public struct Module: Sendable {
    /// The path in the model, such as `model.9.cv1.conv`; empty for the model itself.
    public let path: String
    /// The layer's Python class, such as `models.common.Conv`.
    public let className: String
    /// The attributes whose names do not start with an underscore: `kernel_size`, `eps`, `names` and so on.
    public let attributes: [String: PickleValue]
  }

  /// The path that the file was opened with, or the name of embedded weights.
  public let path: String
  /// The format of the file.
  public let format: Format
  /// The tensors, in the order of the file.
  public let entries: [Entry]
  /// The metadata of a safetensors file (`__metadata__`); empty for a checkpoint.
  public let metadata: [String: String]
  /// The layers of a pickled model, each before its parts; empty for a state dict or a safetensors file. Modules that
  /// wrap a network that Limn runs are left out.
  public let modules: [Module]
  /// The values of a checkpoint beside the tensors of its model, such as `epoch` and `opt`; empty for safetensors.
  public let attributes: [String: PickleValue]
  /// The key of the checkpoint under which the model or state dict was found, such as `ema`; nil if it is the
  /// checkpoint itself.
  public let modelKey: String?
  /// The prefix that the tensor names of a network that Limn runs have in the file, such as `module.`, and that is
  /// removed from the names here; empty if there is none. Tensors without the prefix keep their names.
  public let keyPrefix: String
  /// The network in the file.
  public let network: NetworkIdentity

  private let mapping: FileMapping
  private let entryIndex: [String: Int]
  private let moduleIndex: [String: Int]

  /// Opens a weight file and checks its structure, for example that every tensor lies inside the file.
  ///
  /// If the pickle of a checkpoint is a dictionary, the model is the value of `ema`, else of `model`. Without a model,
  /// the state dict is the dictionary itself, else the value of `state_dict`, `model`, `model_state_dict`, `net`,
  /// `network`, `weights`, `params`, `ema_state_dict` or `ema`, in this order, else the value of any key. Of several
  /// dictionaries of tensors, the first with a network that Limn runs is chosen.
  ///
  /// - Throws: `WeightFileError.cannotOpen`, `empty`, `notWeights`, `truncated`, `malformed`, `unsupported` or
  ///   `refusedCallable`.
  public init(path: String) throws(WeightFileError) {
    try self.init(FileMapping(path: path), path: path)
  }

  init(_ mapping: FileMapping, path: String) throws(WeightFileError) {
    let content: FileContent
    do throws(FormatFault) {
      content = try mapping.withBytes { (file) throws(FormatFault) in try FileContent(file) }
    } catch {
      throw WeightFileError(error, path: path)
    }
    let (stored, layers): ([Entry], [Module])
    switch content {
    case .other(let found): throw .notWeights(path: path, found: found)
    case .safetensors(let header):
      format = .safetensors
      stored = header.entries
      metadata = header.metadata
      layers = []
      attributes = [:]
      modelKey = nil
    case .pytorch(let checkpoint):
      format = .pytorch
      stored = checkpoint.entries
      metadata = [:]
      layers = checkpoint.modules
      attributes = checkpoint.attributes
      modelKey = checkpoint.modelKey
    }
    self.path = path
    self.mapping = mapping
    // An ensemble has several networks, so no prefix is removed.
    let isEnsemble = layers.first?.className.hasSuffix(".Ensemble") == true
    keyPrefix = isEnsemble ? "" : NetworkPrefix.find(in: stored.lazy.map(\.name)) ?? ""
    if keyPrefix.isEmpty {
      (entries, modules) = (stored, layers)
    } else {
      do throws(FormatFault) {
        entries = try NetworkPrefix.removing(keyPrefix, from: stored)
      } catch {
        throw WeightFileError(error, path: path)
      }
      modules = NetworkPrefix.removing(keyPrefix, from: layers)
    }
    network = NetworkIdentity(NetworkTraces(entries, modules))
    entryIndex = Dictionary(zip(entries.map(\.name), entries.indices)) { first, _ in first }
    moduleIndex = Dictionary(zip(modules.map(\.path), modules.indices)) { first, _ in first }
    guard entryIndex.count == entries.count else {
      throw .malformed(path: path, detail: "two of its tensors have the same name")
    }
  }

  /// The tensor with the given name, or nil.
  public func entry(_ name: String) -> Entry? {
    entryIndex[name].map { entries[$0] }
  }

  /// The layer at the given path, or nil.
  public func module(_ path: String) -> Module? {
    moduleIndex[path].map { modules[$0] }
  }

  /// Reads the elements of a tensor, in row-major order.
  ///
  /// F16 and BF16 are converted exactly, F64 is rounded to the nearest `Float`.
  ///
  /// - Parameters:
  ///   - name: The tensor's name.
  ///   - shape: The shape that the tensor must have, or nil for any.
  /// - Throws: `WeightFileError.missing`, `misshapen`, `unreadable` for other types, or `expanded`.
  public func floats(_ name: String, shape: [Int]? = nil) throws(WeightFileError) -> [Float] {
    guard let entry = entry(name) else { throw .missing(path: path, key: name) }
    if let shape, shape != entry.shape {
      throw .misshapen(path: path, key: name, expected: shape, found: entry.shape)
    }
    return try floats(of: entry.tensor, name: name)
  }

  /// Reads the elements of a tensor of this file that has no name, such as an attribute of a module, in row-major
  /// order.
  ///
  /// - Parameters:
  ///   - tensor: A tensor of this file.
  ///   - name: The name of the tensor in errors.
  /// - Throws: `WeightFileError.unreadable` for types other than F16, BF16, F32 and F64, or `expanded`.
  public func floats(of tensor: StoredTensor, name: String) throws(WeightFileError) -> [Float] {
    guard tensor.dtype.readsAsFloats else { throw .unreadable(path: path, key: name, dtype: tensor.dtype) }
    try refuseExpansion(of: tensor, name: name)
    guard let floats = mapping.withBytes({ tensor.floats(in: $0) }) else {
      throw .malformed(path: path, detail: "\(printable(name)) lies outside the file")
    }
    return floats
  }

  /// Reads the bytes of a tensor's elements as they are stored, in row-major order and little-endian.
  ///
  /// - Throws: `WeightFileError.missing` or `expanded`.
  public func bytes(_ name: String) throws(WeightFileError) -> [UInt8] {
    guard let entry = entry(name) else { throw .missing(path: path, key: name) }
    try refuseExpansion(of: entry.tensor, name: name)
    guard let bytes = mapping.withBytes({ entry.tensor.bytes(in: $0) }) else {
      throw .malformed(path: path, detail: "\(printable(name)) lies outside the file")
    }
    return bytes
  }

  /// Throws if strides of 0 make more elements of a few bytes than the whole file could store.
  private func refuseExpansion(of tensor: StoredTensor, name: String) throws(WeightFileError) {
    guard tensor.count * tensor.dtype.byteCount > max(mapping.count, tensor.byteExtent) else { return }
    throw .expanded(path: path, key: name, count: tensor.count, stored: tensor.byteExtent / tensor.dtype.byteCount)
  }
}
