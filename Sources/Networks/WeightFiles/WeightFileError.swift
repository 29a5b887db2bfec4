import Files

/// What is wrong with a weight file. Every message names the file; those about a tensor name its full key.
public enum WeightFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file cannot be opened or mapped; `reason` is the system's.
  case cannotOpen(path: String, reason: String)
  /// The file holds no bytes.
  case empty(path: String)
  /// The file is something else: a text, a web page, a git-LFS pointer.
  case notWeights(path: String, found: String)
  /// The file ends too early.
  case truncated(path: String, detail: String)
  /// The file breaks the rules of its format.
  case malformed(path: String, detail: String)
  /// The file keeps the rules of a format, or of a part of one, that is not read here.
  case unsupported(path: String, detail: String)
  /// Loading the file in Python would call this function. Nothing is ever called here.
  case refusedCallable(path: String, name: String)
  /// The network needs a tensor that the file lacks.
  case missing(path: String, key: String)
  /// The file holds tensors that the network did not read.
  case unused(path: String, keys: [String])
  /// A tensor has another shape than the network needs.
  case misshapen(path: String, key: String, expected: [Int], found: [Int])
  /// A tensor's elements are not floating-point numbers that can be read.
  case unreadable(path: String, key: String, dtype: DType)
  /// A tensor that strides of 0 expand, by which it has more elements than the whole file could hold.
  case expanded(path: String, key: String, count: Int, stored: Int)
  /// The caller's class names are of another count than the network; both without the background.
  case wrongLabels(path: String, needed: Int, given: Int)
  /// The pickled model holds a layer of a class that the network does not know.
  case unknownModule(path: String, module: String, className: String)
  /// The file cannot be written.
  case cannotWrite(path: String, reason: String)

  /// The sentence to show.
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
    case .refusedCallable(let path, let name):
      "\(path) is refused: loading it would call \(printable(name)), and only tensors and plain values are read; if you "
        + "trust the file, load it in Python and save the model's state_dict()"
    case .missing(let path, let key):
      "\(path) lacks the tensor \(printable(key))"
    case .unused(let path, let keys):
      "\(path) holds \(keys.count) tensor\(keys.count == 1 ? "" : "s") that the network does not use: \(listed(keys))"
    case .misshapen(let path, let key, let expected, let found):
      "\(path): \(printable(key)) has shape \(found), but \(expected) was expected"
    case .unreadable(let path, let key, let dtype):
      "\(path): \(printable(key)) holds \(dtype.rawValue), which does not read as floats (F16, BF16, F32 and F64 do)"
    case .expanded(let path, let key, let count, let stored):
      "\(path): \(printable(key)) repeats \(stored) stored element\(stored == 1 ? "" : "s") to \(count), more than the file "
        + "could hold"
    case .wrongLabels(let path, let needed, let given):
      "\(given) class name\(given == 1 ? " was" : "s were") given beside the background, but \(path) is made for \(needed)"
    case .unknownModule(let path, let module, let className):
      "\(path): \(printable(module)) is a \(printable(className)), a layer that is not supported"
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

/// What a parser found wrong in bytes whose file it does not know.
enum FormatFault: Error, Equatable {
  case truncated(String)
  case malformed(String)
  case unsupported(String)
  case refusedCallable(String)
}

/// A name out of a file as messages show it: at most 200 characters, none of which drives a terminal.
func printable(_ text: String) -> String { text.printable(limit: 200) }

private func listed(_ keys: [String]) -> String {
  let shown = keys.prefix(10).map(printable).joined(separator: ", ")
  return keys.count > 10 ? "\(shown) and \(keys.count - 10) more" : shown
}
