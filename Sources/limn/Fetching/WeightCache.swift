import Files

/// The folder where fetched weights lie under the names their authors gave them.
struct WeightCache: Sendable, Equatable {
  /// The folder; it need not exist.
  let folder: String

  /// Uses a folder.
  init(folder: String) { self.folder = folder }

  /// The user's: `LIMN_CACHE`, else `limn/weights` in `XDG_CACHE_HOME`, else in `.cache` at home.
  ///
  /// A relative `XDG_CACHE_HOME` is passed over, as its specification asks.
  init(variable: (String) -> String? = EnvironmentVariable.value) throws(CommandError) {
    if let folder = variable("LIMN_CACHE") {
      self.folder = folder
    } else if let folder = variable("XDG_CACHE_HOME"), folder.hasPrefix("/") {
      self.folder = "\(folder)/limn/weights"
    } else if let home = variable("HOME") {
      folder = "\(home)/.cache/limn/weights"
    } else {
      throw CommandError("no folder for weights: none of LIMN_CACHE, XDG_CACHE_HOME and HOME is set")
    }
  }

  /// Where a weight file belongs.
  func path(of weights: OfficialWeights) -> String { "\(folder)/\(weights.fileName)" }

  /// Where a weight file is; nil where it is not there.
  func found(_ weights: OfficialWeights) -> String? {
    let path = path(of: weights)
    guard let file = FileIdentity(path: path), !file.isFolder else { return nil }
    return path
  }
}
