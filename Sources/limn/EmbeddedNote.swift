import Annotate

/// The notes for a user who runs the embedded network: the classes that it knows, and how to get a network that knows
/// everyday objects.
enum EmbeddedNote {
  /// Returns the notes as sentences.
  ///
  /// - Parameters:
  ///   - labels: The class names of the embedded network; `__background__` is left out.
  ///   - weights: The official weights to recommend.
  ///   - isFetched: Whether these weights are in the cache.
  static func sentences(labels: [String], weights: OfficialWeights, isFetched: Bool) -> [String] {
    let names = labels.filter { $0 != Detection.backgroundLabel }
    let known =
      "without --weights, the small built-in network knows \(names.count) drawn things only "
      + "(\(names.joined(separator: ", "))) and takes other objects for them"
    let command = "limn weights fetch \(weights.name)"
    let size = "\(Megabytes.text(weights.size)), \(weights.licence)"
    let more =
      isFetched
      ? "for people, cars, cups and 77 more everyday objects add --weights \(weights.name)"
      : "for people, cars, cups and 77 more everyday objects run `\(command)` once (\(size)), then add "
        + "--weights \(weights.name)"
    return [known, more]
  }
}
