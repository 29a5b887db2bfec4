import Files

/// Finds the classes of a network that a user names.
struct ClassFilter: Sendable, Equatable {
  /// The label names or ids to keep; empty for all.
  var included: [String] = []
  /// The label names or ids to leave out.
  var excluded: [String] = []

  /// The ids of the classes to keep, or nil for all.
  ///
  /// Matches are tried in this order: exact name, name ignoring case, id.
  func classes(of labels: [String]) throws(CommandError) -> Set<Int>? {
    if included.isEmpty, excluded.isEmpty { return nil }
    var kept = Set(labels.indices)
    if !included.isEmpty { kept = try Self.resolve(included, labels) }
    kept.subtract(try Self.resolve(excluded, labels))
    guard !kept.isEmpty else { throw CommandError("--classes and --exclude leave no class to detect") }
    return kept
  }

  private static func resolve(_ names: [String], _ labels: [String]) throws(CommandError) -> Set<Int> {
    var ids: Set<Int> = []
    var unknown: [String] = []
    for name in names {
      let exact = labels.indices.filter { labels[$0] == name }
      let folded = labels.indices.filter { labels[$0].lowercased() == name.lowercased() }
      if !exact.isEmpty {
        ids.formUnion(exact)
      } else if !folded.isEmpty {
        ids.formUnion(folded)
      } else if let id = Int(name), labels.indices.contains(id) {
        ids.insert(id)
      } else {
        unknown.append(name)
      }
    }
    guard unknown.isEmpty else {
      let sentences = unknown.map { name in
        let near = near(name, labels)
        return "no class \"\(name)\"" + (near.isEmpty ? "" : " (similar: \(near.joined(separator: ", ")))")
      }
      let known = labels.count <= 20 ? ": " + labels.joined(separator: ", ") : ", ids 0 to \(labels.count - 1)"
      throw CommandError(
        "\(sentences.joined(separator: "; ")); the network has \(labels.count) classes\(known)".printable)
    }
    return ids
  }

  /// Up to three labels similar to a name, the most similar first.
  private static func near(_ name: String, _ labels: [String]) -> [String] {
    let name = name.lowercased()
    let candidates = labels.map { label in
      let lower = label.lowercased()
      let distance = !name.isEmpty && lower.contains(name) ? 1 : editDistance(name, lower)
      return (label: label, distance: distance)
    }
    let limit = max(1, name.count / 3)
    return candidates.filter { $0.distance <= limit }.sorted { $0.distance < $1.distance }.prefix(3).map(\.label)
  }

  /// The least number of characters to insert, delete or replace to turn `a` into `b`.
  static func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
