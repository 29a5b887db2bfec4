import Files

/// Where to fetch from instead of the authors' own places.
enum Mirror {
  /// The variable that names it.
  static let variable = "LIMN_WEIGHTS_MIRROR"

  /// The address before the names of the files; nil where there is no mirror.
  static func address(variable: (String) -> String? = EnvironmentVariable.value) throws(CommandError) -> String? {
    guard let address = variable(Self.variable) else { return nil }
    guard ["https://", "http://"].contains(where: address.lowercased().hasPrefix) else {
      throw CommandError("\(Self.variable) is \"\(address)\"; it begins with https:// or http://".printable)
    }
    return address
  }
}
