import Files

/// A server from which official weights are fetched instead of the authors' servers.
enum Mirror {
  /// The environment variable with the mirror's address.
  static let variable = "LIMN_WEIGHTS_MIRROR"

  /// The address to which file names are appended; nil if no mirror is set.
  static func address(variable: (String) -> String? = EnvironmentVariable.value) throws(CommandError) -> String? {
    guard let address = variable(Self.variable) else { return nil }
    guard ["https://", "http://"].contains(where: address.lowercased().hasPrefix) else {
      throw CommandError("\(Self.variable) must begin with https:// or http://, got \"\(address)\"".printable)
    }
    return address
  }
}
