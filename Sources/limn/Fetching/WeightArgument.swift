import Files

/// What a user names as weights: a file, or official weights in the cache.
enum WeightArgument {
  /// The file meant.
  ///
  /// A file of that name goes before official weights; a text with a slash is a path.
  static func path(
    _ argument: String, variable: (String) -> String? = EnvironmentVariable.value
  ) throws(CommandError) -> String {
    if let file = FileIdentity(path: argument), !file.isFolder { return argument }
    guard let weights = OfficialWeights.named(argument) else { return argument }
    let cache = try WeightCache(variable: variable)
    if let path = cache.found(weights) { return path }
    throw CommandError(
      "\(argument) is neither a file nor in \(cache.folder); `limn weights fetch \(argument)` gets it from "
        + "\(weights.address(mirror: try Mirror.address(variable: variable))) "
        + "(\(Megabytes.text(weights.size)), \(weights.licence))")
  }
}
