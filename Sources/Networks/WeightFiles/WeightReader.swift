import Synchronization

/// Reads a weight file by place, as a network is built: `reader["model"][9]["cv1"].floats("conv.weight", shape: ...)`.
///
/// All readers that come from one another keep one account of what was read; `finish()` then names what was not.
public struct WeightReader: Sendable {
  /// The file that is read.
  public let file: WeightFile
  /// The place, such as `model.9.cv1`; empty for the whole file.
  public let path: String
  private let account: Account

  /// A reader of a whole file, of which nothing has been read.
  public init(_ file: WeightFile) {
    self.init(file: file, path: "", account: Account())
  }

  private init(file: WeightFile, path: String, account: Account) {
    self.file = file
    self.path = path
    self.account = account
  }

  /// The reader of a part, which may be several steps down: `reader["cv1.conv"]`.
  public subscript(name: String) -> WeightReader {
    WeightReader(file: file, path: key(name), account: account)
  }

  /// The reader of a numbered part.
  public subscript(index: Int) -> WeightReader { self[String(index)] }

  /// The full key of a tensor or part below this place.
  public func key(_ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  /// The pickled layer at this place; nil where the file has no modules.
  public var module: WeightFile.Module? { file.module(path) }

  /// Whether there is a tensor `name`.
  public func contains(_ name: String) -> Bool {
    file.entry(key(name)) != nil
  }

  /// The names of the parts and tensors directly below this place, in the file's order.
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

  /// The shape of the tensor `name`, which does not count as read. Throws `missing`.
  public func shape(of name: String) throws(WeightFileError) -> [Int] {
    guard let entry = file.entry(key(name)) else { throw .missing(path: file.path, key: key(name)) }
    return entry.shape
  }

  /// The elements of the tensor `name` in row-major order. Throws `missing`, `misshapen` and `unreadable`.
  public func floats(_ name: String, shape: [Int]) throws(WeightFileError) -> [Float] {
    let floats = try file.floats(key(name), shape: shape)
    account.add(key(name))
    return floats
  }

  /// Counts the tensor `name` as read: the network knows it and does without. Throws `missing`.
  public func skip(_ name: String) throws(WeightFileError) {
    guard contains(name) else { throw .missing(path: file.path, key: key(name)) }
    account.add(key(name))
  }

  /// Throws `unused` where tensors at or below this place were not read. Batch normalization's count of its training
  /// steps, `num_batches_tracked`, is not needed.
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
