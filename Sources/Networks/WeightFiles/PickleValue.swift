/// A value of a pickled checkpoint. It is only a description: nothing is imported or called.
public enum PickleValue: Sendable, Equatable {
  /// Python's `None`.
  case none
  /// A Boolean.
  case bool(Bool)
  /// An integer of at most 64 bits.
  case int(Int)
  /// A floating-point number.
  case float(Double)
  /// A string, or a path of the file system.
  case string(String)
  /// A string of bytes.
  case bytes([UInt8])
  /// A list.
  case list([PickleValue])
  /// A tuple.
  case tuple([PickleValue])
  /// A set, in the order of the file.
  case set([PickleValue])
  /// A dictionary, in the order of the file.
  case dict([Member])
  /// A tensor, which `WeightFile.floats(of:name:)` reads.
  case tensor(StoredTensor)
  /// A class or a function, as `module.name`.
  case global(String)
  /// An instance of a class.
  indirect case object(Object)
  /// A value that is not represented here, with a description: an integer of more than 64 bits, a reference to an
  /// enclosing value, a layer, or a value nested more than 64 levels deep or beyond the file's first 300,000 values.
  case opaque(String)

  /// A member of a dictionary.
  public struct Member: Sendable, Equatable {
    /// The key.
    public let key: PickleValue
    /// The value.
    public let value: PickleValue
  }

  /// An instance of a class: the values from which Python would make it.
  public struct Object: Sendable, Equatable {
    /// The class, as `module.name`.
    public let className: String
    /// The arguments with which the class would be called.
    public let arguments: [PickleValue]
    /// The state that would be set, usually a dictionary of attributes; `none` if there is no state.
    public let state: PickleValue
    /// The elements that would be appended, for a class like a list.
    public let elements: [PickleValue]
    /// The members that would be set, for a class like a dictionary.
    public let members: [Member]
  }

  /// The integer, or nil. A Boolean is not an integer.
  public var int: Int? {
    if case .int(let value) = self { return value }
    return nil
  }

  /// The integer or floating-point number, or nil.
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

  /// The string, or nil.
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

  /// The value of a dictionary for a string key, or nil.
  public subscript(key: String) -> PickleValue? {
    members?.first { $0.key == .string(key) }?.value
  }
}
