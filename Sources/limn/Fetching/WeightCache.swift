import Files

/// The folder of fetched weights, which keep the authors' file names.
struct WeightCache: Sendable, Equatable {
  /// The folder; it need not exist.
  let folder: String

  /// Makes a cache in the given folder.
  init(folder: String) { self.folder = folder }

  /// Makes the user's cache: `LIMN_CACHE`, else `limn/weights` in `XDG_CACHE_HOME`, else in `.cache` of the home
  /// folder.
  ///
  /// A relative `XDG_CACHE_HOME` is ignored, as its specification requires.
  init(variable: (String) -> String? = EnvironmentVariable.value) throws(CommandError) {
    if let folder = variable("LIMN_CACHE") {
      self.folder = folder
    } else if let folder = variable("XDG_CACHE_HOME"), folder.hasPrefix("/") {
      self.folder = "\(folder)/limn/weights"
    } else if let home = variable("HOME") {
      folder = "\(home)/.cache/limn/weights"
    } else {
      throw CommandError("there is no folder for weights: set LIMN_CACHE, XDG_CACHE_HOME or HOME")
    }
  }

  /// The path that a weight file has in the cache.
  func path(of weights: OfficialWeights) -> String { "\(folder)/\(weights.fileName)" }

  /// The path of a weight file in the cache; nil if it is not there.
  func found(_ weights: OfficialWeights) -> String? {
    let path = path(of: weights)
    guard let file = FileIdentity(path: path), !file.isFolder else { return nil }
    return path
  }
}
