import Synchronization

/// Reads the tensors of a weight file by path while a network is built, such as
/// `reader["model"][9]["cv1"].floats("conv.weight", shape: [64, 128, 1, 1])`.
///
/// A reader and all readers made from it record together which tensors were read, so that `finish()` can refuse a file
/// with tensors that the network does not use.
public struct WeightReader: Sendable {
  /// The file.
  public let file: WeightFile
  /// The path of this reader, such as `model.9.cv1`; empty for the whole file.
  public let path: String
  private let account: Account

  /// Makes a reader of a whole file, with no tensor read yet.
  public init(_ file: WeightFile) {
    self.init(file: file, path: "", account: Account())
  }

  private init(file: WeightFile, path: String, account: Account) {
    self.file = file
    self.path = path
    self.account = account
  }

  /// The reader of a part, which may be several levels down, such as `reader["cv1.conv"]`.
  public subscript(name: String) -> WeightReader {
    WeightReader(file: file, path: key(name), account: account)
  }

  /// The reader of a numbered part, such as `reader[9]`.
  public subscript(index: Int) -> WeightReader { self[String(index)] }

  /// The full name of a tensor or part of this reader.
  public func key(_ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// The pickled layer at this reader's path; nil if there is none.
  public var module: WeightFile.Module? { file.module(path) }

  /// Whether this part has a tensor `name`.
  public func contains(_ name: String) -> Bool {
    file.entry(key(name)) != nil
  }

  /// The names of the parts and tensors directly in this part, in the order of the file.
  public var children: [String] {
    let prefix = path.isEmpty ? "" : path + "."
    var seen: Set<Substring> = []
    var names: [String] = []
    for entry in file.entries where entry.name.utf8.starts(with: prefix.utf8) {
      let rest = entry.name.utf8.dropFirst(prefix.utf8.count)
      let name = Substring(rest.prefix { $0 != UInt8(ascii: ".") })
      if seen.insert(name).inserted { names.append(String(name)) }
    }
    return names
  }

  /// The shape of the tensor `name`, which does not count as read.
  ///
  /// - Throws: `WeightFileError.missing`.
  public func shape(of name: String) throws(WeightFileError) -> [Int] {
    guard let entry = file.entry(key(name)) else { throw .missing(path: file.path, key: key(name)) }
    return entry.shape
  }

  /// Reads the elements of the tensor `name`, in row-major order.
  ///
  /// - Throws: `WeightFileError.missing`, `misshapen` if it does not have the given shape, `unreadable` for a type that
  ///   is not F16, BF16, F32 or F64, and `expanded`.
  public func floats(_ name: String, shape: [Int]) throws(WeightFileError) -> [Float] {
    let floats = try file.floats(key(name), shape: shape)
    account.add(key(name))
    return floats
  }

  /// Counts the tensor `name` as read, for a tensor that the network knows but does not need.
  ///
  /// - Throws: `WeightFileError.missing`.
  public func skip(_ name: String) throws(WeightFileError) {
    guard contains(name) else { throw .missing(path: file.path, key: key(name)) }
    account.add(key(name))
  }

  /// Checks that all tensors of this part were read, except `num_batches_tracked` of batch normalizations.
  ///
  /// - Throws: `WeightFileError.unused` with the names of all others.
  public func finish() throws(WeightFileError) {
    let prefix = path.isEmpty ? "" : path + "."
    let read = account.keys
    let unused = file.entries.map(\.name).filter {
      $0.hasPrefix(prefix) && !read.contains($0) && $0.split(separator: ".").last != "num_batches_tracked"
    }
    guard unused.isEmpty else { throw .unused(path: file.path, keys: unused) }
  }

  private final class Account: Sendable {
    private let read = Mutex<Set<String>>([])

    var keys: Set<String> { read.withLock { $0 } }

    func add(_ key: String) {
      read.withLock { _ = $0.insert(key) }
    }
  }
}
