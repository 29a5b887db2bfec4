import Annotate

/// What a user should know whose images a network of the binary looks at: what it can find, and how to get one that
/// finds more.
enum EmbeddedNote {
  /// The sentences.
  ///
  /// - Parameters:
  ///   - labels: the network's class names; a first one `__background__` is left out.
  ///   - weights: official weights that the command can run.
  ///   - isFetched: whether they are in the cache.
  static func sentences(labels: [String], weights: OfficialWeights, isFetched: Bool) -> [String] {
    let names = labels.filter { $0 != "__background__" }
    let known =
      "no --weights: using the small built-in network, which knows only \(names.count) drawn things: "
      + names.joined(separator: ", ")
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

extension EmbeddedWeights {
  /// The official weights to recommend to who has none: small, and for the same command.
  var recommended: OfficialWeights? {
    switch self {
    case .yolov5: OfficialWeights.named("yolov5s")
    case .maskRCNN: OfficialWeights.named("maskrcnn_resnet50_fpn_v2")
    }
  }
}
