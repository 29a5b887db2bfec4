/// An opened weight file: safetensors, or a PyTorch zip checkpoint (`.pt`, `.pth`).
///
/// The format is told by the content, not by the name. The file is mapped, so opening costs its header or pickle only
/// and the elements are read when they are asked for; it must not be cut short while it is open. Nothing in it is ever
/// executed. Sharing it between tasks is safe.
public struct WeightFile: Sendable {
  /// The format of a weight file.
  public enum Format: String, Sendable {
    case safetensors
    case pytorch
  }

  /// A named tensor.
  public struct Entry: Sendable, Hashable {
    /// The full name; in a checkpoint, the one that `state_dict()` of the model gives, without the file's `keyPrefix`.
    public let name: String
    /// The type, shape and place of the elements.
    public let tensor: StoredTensor

    /// The type of the elements as they are stored.
    public var dtype: DType { tensor.dtype }
    /// The size of each dimension, outermost first; empty for a scalar.
    public var shape: [Int] { tensor.shape }
  }

  /// A layer of a pickled model.
  public struct Module: Sendable {
    /// Its place, such as `model.9.cv1.conv`; empty for the model itself.
    public let path: String
    /// Its class as it was imported where the file was saved, such as `models.common.Conv`.
    public let className: String
    /// The attributes whose names do not start with an underscore: `kernel_size`, `eps`, `names` and so on.
    public let attributes: [String: PickleValue]
  }

  /// The path it was opened under; the name of embedded weights.
  public let path: String
  /// The format found.
  public let format: Format
  /// The tensors in the file's order.
  public let entries: [Entry]
  /// The texts under `__metadata__` of a safetensors file; empty for a checkpoint.
  public let metadata: [String: String]
  /// The layers of a pickled model, each before its parts; empty for a state dict or a safetensors file. What a network
  /// that Limn runs was wrapped in is left out.
  public let modules: [Module]
  /// What a checkpoint holds beside the tensors of its model, such as `epoch` and `opt`; empty for safetensors.
  public let attributes: [String: PickleValue]
  /// The key of the checkpoint under which the model or state dict was found, such as `ema`; nil where it is the whole.
  public let modelKey: String?
  /// What stands in the file before the names of the tensors of a network that Limn runs, such as `module.`, and is left
  /// out of the names here; empty without such a network or prefix. Tensors outside of it keep their names.
  public let keyPrefix: String

  private let mapping: FileMapping
  private let entryIndex: [String: Int]
  private let moduleIndex: [String: Int]

  /// Opens a file and checks its structure: every tensor lies inside it.
  ///
  /// In a checkpoint whose pickle is a dictionary, the model is what lies under `ema`, else `model`, and a state dict
  /// the dictionary itself, else what lies under `state_dict`, `model`, `model_state_dict`, `net`, `network`, `weights`,
  /// `params`, `ema_state_dict` or `ema`, in this order, else under any key. Of several dictionaries of tensors, the
  /// first with a network that Limn runs is taken.
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
    // Which one of an ensemble's networks is meant, nobody said.
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
    entryIndex = Dictionary(zip(entries.map(\.name), entries.indices)) { first, _ in first }
    moduleIndex = Dictionary(zip(modules.map(\.path), modules.indices)) { first, _ in first }
    guard entryIndex.count == entries.count else {
      throw .malformed(path: path, detail: "two of its tensors have the same name")
    }
  }

  /// The tensor of a name, or nil.
  public func entry(_ name: String) -> Entry? {
    entryIndex[name].map { entries[$0] }
  }

  /// The layer at a path, or nil.
  public func module(_ path: String) -> Module? {
    moduleIndex[path].map { modules[$0] }
  }

  /// The elements of a tensor in row-major order.
  ///
  /// F16 and BF16 are widened exactly, F64 rounded to the nearest. Throws `missing`, `misshapen` where `shape` is given
  /// and differs, `unreadable` for other types, and `expanded`.
  public func floats(_ name: String, shape: [Int]? = nil) throws(WeightFileError) -> [Float] {
    guard let entry = entry(name) else { throw .missing(path: path, key: name) }
    if let shape, shape != entry.shape {
      throw .misshapen(path: path, key: name, expected: shape, found: entry.shape)
    }
    return try floats(of: entry.tensor, name: name)
  }

  /// The elements of a tensor of this file, such as one among a module's attributes, in row-major order. Throws
  /// `unreadable` and `expanded`, which then name the tensor `name`.
  public func floats(of tensor: StoredTensor, name: String) throws(WeightFileError) -> [Float] {
    guard tensor.dtype.readsAsFloats else { throw .unreadable(path: path, key: name, dtype: tensor.dtype) }
    try refuseExpansion(of: tensor, name: name)
    guard let floats = mapping.withBytes({ tensor.floats(in: $0) }) else {
      throw .malformed(path: path, detail: "\(printable(name)) lies outside the file")
    }
    return floats
  }

  /// The elements of a tensor in row-major order as they are stored, little-endian. Throws `missing` and `expanded`.
  public func bytes(_ name: String) throws(WeightFileError) -> [UInt8] {
    guard let entry = entry(name) else { throw .missing(path: path, key: name) }
    try refuseExpansion(of: entry.tensor, name: name)
    guard let bytes = mapping.withBytes({ entry.tensor.bytes(in: $0) }) else {
      throw .malformed(path: path, detail: "\(printable(name)) lies outside the file")
    }
    return bytes
  }
  /// Throws where strides of 0 make more elements out of a few bytes than the whole file could hold.
  private func refuseExpansion(of tensor: StoredTensor, name: String) throws(WeightFileError) {
    guard tensor.count * tensor.dtype.byteCount > max(mapping.count, tensor.byteExtent) else { return }
    throw .expanded(path: path, key: name, count: tensor.count, stored: tensor.byteExtent / tensor.dtype.byteCount)
  }
}
