import Annotate
import Files
import JSON

/// The output of `limn weights list`.
struct WeightList: Sendable {
  /// The weights to list.
  var weights = OfficialWeights.all
  /// The cache of fetched weights.
  var cache: WeightCache
  /// The address of a mirror from which weights are fetched, or nil for the authors' servers.
  var mirror: String?

  /// The list as text: a paragraph for each.
  var text: String {
    weights.map { weights in
      let lines = [
        weights.name,
        "  for: limn \(weights.architecture.command) (\(weights.architecture.name), the 80 classes of COCO)",
        "  address: \(weights.address(mirror: mirror))",
        "  size: \(weights.size) bytes",
        "  sha256: \(weights.sha256)",
        "  licence: \(weights.licence)",
        "  in the cache: \(cache.found(weights) ?? "no")",
      ]
      return lines.map { $0.printable + "\n" }.joined()
    }.joined(separator: "\n")
  }

  /// The list as a JSON array of objects.
  var json: String {
    let objects = weights.map { weights in
      let fields = [
        ("name", JSONText.quoted(weights.name)), ("network", JSONText.quoted(weights.architecture.name)),
        ("command", JSONText.quoted(weights.architecture.command)),
        ("address", JSONText.quoted(weights.address(mirror: mirror))), ("size", String(weights.size)),
        ("sha256", JSONText.quoted(weights.sha256)), ("licence", JSONText.quoted(weights.licence)),
        ("path", cache.found(weights).map(JSONText.quoted) ?? "null"),
      ]
      return "  {" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
  }
}
