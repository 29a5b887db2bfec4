import Annotate
import Files
import JSON

/// What `limn weights list` shows.
struct WeightList: Sendable {
  /// The weights to show.
  var weights = OfficialWeights.all
  /// Where fetched ones are.
  var cache: WeightCache
  /// Where they are fetched from instead of their authors' places.
  var mirror: String?

  /// For people: a paragraph for each.
  var text: String {
    weights.map { weights in
      let lines = [
        weights.name,
        "  for: limn \(weights.network.command) (\(weights.network.rawValue), the 80 classes of COCO)",
        "  address: \(weights.address(mirror: mirror))",
        "  size: \(weights.size) bytes",
        "  sha256: \(weights.sha256)",
        "  licence: \(weights.licence)",
        "  in the cache: \(cache.found(weights) ?? "no")",
      ]
      return lines.map { $0.printable + "\n" }.joined()
    }.joined(separator: "\n")
  }

  /// For programs: an array of objects.
  var json: String {
    let objects = weights.map { weights in
      let fields = [
        ("name", JSONText.quoted(weights.name)), ("network", JSONText.quoted(weights.network.rawValue)),
        ("command", JSONText.quoted(weights.network.command)),
        ("address", JSONText.quoted(weights.address(mirror: mirror))), ("size", String(weights.size)),
        ("sha256", JSONText.quoted(weights.sha256)), ("licence", JSONText.quoted(weights.licence)),
        ("path", cache.found(weights).map(JSONText.quoted) ?? "null"),
      ]
      return "  {" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
  }
}
