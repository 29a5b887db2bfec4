import Files

/// The weights that a user names: a file, or official weights in the cache.
enum WeightArgument {
  /// The path of the weight file.
  ///
  /// A file with the name has precedence over official weights.
  static func path(
    _ argument: String, variable: (String) -> String? = EnvironmentVariable.value
  ) throws(CommandError) -> String {
    if let file = FileIdentity(path: argument), !file.isFolder { return argument }
    guard let weights = OfficialWeights.named(argument) else { return argument }
    let cache = try WeightCache(variable: variable)
    if let path = cache.found(weights) { return path }
    throw CommandError(
      "\(argument) is neither a file nor in \(cache.folder); fetch it with `limn weights fetch \(argument)` from "
        + "\(weights.address(mirror: try Mirror.address(variable: variable))) "
        + "(\(Megabytes.text(weights.size)), \(weights.licence))")
  }
}
