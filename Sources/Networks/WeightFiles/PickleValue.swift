/// A value out of a pickled checkpoint. It only describes: an object is its class's name and what it was made from.
public enum PickleValue: Sendable, Equatable {
  /// Python's `None`.
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  /// A text, or a path of the file system.
  case string(String)
  case bytes([UInt8])
  case list([PickleValue])
  case tuple([PickleValue])
  /// A set, in the file's order.
  case set([PickleValue])
  /// A dictionary, in the file's order.
  case dict([Member])
  /// A tensor; `WeightFile.floats(of:)` reads it.
  case tensor(StoredTensor)
  /// A class or a function, as `module.name`.
  case global(String)
  indirect case object(Object)
  /// Something that has no form here, and what it is: an integer beyond 64 bits, a reference back to an enclosing
  /// value, a layer, or whatever lies deeper than 64 levels or beyond the file's first 300,000 values.
  case opaque(String)

  /// A member of a dictionary.
  public struct Member: Sendable, Equatable {
    /// The key.
    public let key: PickleValue
    /// The value.
    public let value: PickleValue
  }

  /// An instance of a class that is not rebuilt.
  public struct Object: Sendable, Equatable {
    /// The class, as `module.name`.
    public let className: String
    /// What the class was to be called with.
    public let arguments: [PickleValue]
    /// The state to be set, most often a dictionary of attributes; `none` without one.
    public let state: PickleValue
    /// What was appended, where the class is a kind of list.
    public let elements: [PickleValue]
    /// The members, where the class is a kind of dictionary.
    public let members: [Member]
  }

  /// The integer, or nil; a Boolean is none.
  public var int: Int? {
    if case .int(let value) = self { return value }
    return nil
  }

  /// The number, integer or not, or nil.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }

  /// The Boolean, or nil.
  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The text, or nil.
  public var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// The tensor, or nil.
  public var tensor: StoredTensor? {
    if case .tensor(let value) = self { return value }
    return nil
  }

  /// The elements of a list or tuple, or nil.
  public var elements: [PickleValue]? {
    switch self {
    case .list(let values), .tuple(let values): values
    default: nil
    }
  }

  /// The members of a dictionary, or nil.
  public var members: [Member]? {
    if case .dict(let members) = self { return members }
    return nil
  }

  /// The member of a dictionary under a text, or nil.
  public subscript(key: String) -> PickleValue? {
    members?.first { $0.key == .string(key) }?.value
  }
}
