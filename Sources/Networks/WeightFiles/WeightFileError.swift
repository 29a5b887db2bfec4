import Files

/// An error of a weight file. Every sentence names the file, and one about a tensor its full name.
public enum WeightFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file cannot be opened or mapped, for the system's `reason`.
  case cannotOpen(path: String, reason: String)
  /// The file is empty.
  case empty(path: String)
  /// The file is not a weight file but, for example, a text file, a web page or a Git LFS pointer.
  case notWeights(path: String, found: String)
  /// The file ends too early.
  case truncated(path: String, detail: String)
  /// The file does not follow its format, or its content is not valid.
  case malformed(path: String, detail: String)
  /// The file is valid, but its format or its network is not supported.
  case unsupported(path: String, detail: String)
  /// The file has a network that Limn does not run, or another one than the `expected`, which is nil where every
  /// architecture that Limn runs is.
  case otherNetwork(path: String, found: NetworkIdentity, expected: Architecture?)
  /// The file has not been calibrated for int8, or its calibration lacks the named feature map.
  case uncalibrated(path: String, map: String?)
  /// The file is refused, since loading it in Python would call this function. Limn never calls any.
  case refusedCallable(path: String, name: String)
  /// The file lacks a tensor that the network needs.
  case missing(path: String, key: String)
  /// The file has tensors that the network does not use.
  case unused(path: String, keys: [String])
  /// A tensor does not have the shape that the network needs.
  case misshapen(path: String, key: String, expected: [Int], found: [Int])
  /// A tensor does not have the number of dimensions that the layer needs, or one of them is not from 1 to the limit.
  case unexpectedRank(path: String, key: String, rank: Int, limit: Int, found: [Int])
  /// Some of the numbers in a tensor or layer are NaN or infinite.
  case notFinite(path: String, what: String, count: Int, total: Int)
  /// A tensor has a type that cannot be read as floats.
  case unreadable(path: String, key: String, dtype: DType)
  /// A tensor is expanded by strides of 0 to more elements than the whole file could store.
  case expanded(path: String, key: String, count: Int, stored: Int)
  /// The number of class names given by the caller is not that of the network. Both are without the background.
  case wrongLabels(path: String, needed: Int, given: Int)
  /// The pickled model has a layer of a class that the network does not know.
  case unknownModule(path: String, module: String, className: String)
  /// The file cannot be written.
  case cannotWrite(path: String, reason: String)

  /// The sentence to show to the user.
  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason):
      "cannot open \(path): \(reason)"
    case .empty(let path):
      "\(path) is empty (0 bytes)"
    case .notWeights(let path, let found):
      "\(path) is not a weight file: \(found)"
    case .truncated(let path, let detail):
      "\(path) is truncated: \(detail)"
    case .malformed(let path, let detail):
      "\(path) is malformed: \(detail)"
    case .unsupported(let path, let detail):
      "\(path) cannot be read: \(detail)"
    case .otherNetwork(let path, .supported(let found), let expected?):
      "\(path) has a \(found.name), not a \(expected.name)"
    case .otherNetwork(let path, let found, _):
      "\(path) cannot be loaded: it is \(found); \(NetworkIdentity.loadable)"
    case .uncalibrated(let path, nil):
      "\(path) has not been calibrated for int8"
    case .uncalibrated(let path, let map?):
      "\(path) has not been calibrated for int8 completely: the range of the map \(printable(map)) is missing"
    case .refusedCallable(let path, let name):
      "\(path) is refused: loading it would call \(printable(name)), and only tensors and plain values are read; if you "
        + "trust the file, load it in Python and save the model's state_dict()"
    case .missing(let path, let key):
      "\(path) lacks the tensor \(printable(key))"
    case .unused(let path, let keys):
      "\(path) has \(keys.count) tensor\(keys.count == 1 ? "" : "s") that the network does not use: \(listed(keys))"
    case .misshapen(let path, let key, let expected, let found):
      "\(path): \(printable(key)) has shape \(found), but \(expected) was expected"
    case .unexpectedRank(let path, let key, let rank, let limit, let found):
      "\(path): \(printable(key)) has shape \(found), but \(rank) dimensions of 1 to \(limit) were expected"
    case .notFinite(let path, let what, let count, let total):
      "\(path): \(count) of \(total) \(what) are not finite"
    case .unreadable(let path, let key, let dtype):
      "\(path): \(printable(key)) has the type \(dtype.rawValue), which cannot be read as floats; only F16, BF16, F32 "
        + "and F64 can"
    case .expanded(let path, let key, let count, let stored):
      "\(path): \(printable(key)) repeats \(stored) stored element\(stored == 1 ? "" : "s") to \(count), more than the "
        + "file could store"
    case .wrongLabels(let path, let needed, let given):
      "\(given) class name\(given == 1 ? " was" : "s were") given without the background, but \(path) needs \(needed)"
    case .unknownModule(let path, let module, let className):
      "\(path): \(printable(module)) has the class \(printable(className)), a layer that is not supported"
    case .cannotWrite(let path, let reason):
      "cannot write \(path): \(reason)"
    }
  }
}

extension WeightFileError {
  init(_ fault: FormatFault, path: String) {
    switch fault {
    case .truncated(let detail): self = .truncated(path: path, detail: detail)
    case .malformed(let detail): self = .malformed(path: path, detail: detail)
    case .unsupported(let detail): self = .unsupported(path: path, detail: detail)
    case .refusedCallable(let name): self = .refusedCallable(path: path, name: name)
    }
  }
}

/// An error of a parser, which does not know the file's path.
enum FormatFault: Error, Equatable {
  case truncated(String)
  case malformed(String)
  case unsupported(String)
  case refusedCallable(String)
}

/// A name from a file as errors show it: truncated to 200 characters, with control characters escaped.
func printable(_ text: String) -> String { text.printable(limit: 200) }

private func listed(_ keys: [String]) -> String {
  let shown = keys.prefix(10).map(printable).joined(separator: ", ")
  return keys.count > 10 ? "\(shown) and \(keys.count - 10) more" : shown
}
