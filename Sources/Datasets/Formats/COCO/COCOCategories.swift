import JSON

/// The categories of a COCO document.
///
/// A label set that is exactly the 80 classes of COCO gets the official ids, 1 to 90 with gaps, which evaluation against
/// the official annotations needs. A set that begins with `__background__` keeps its class numbers, which for
/// torchvision's 91 names are the official ids again; the background is no category, and a number named `N/A` only
/// where an object has it. Any other set gets 1 to N.
struct COCOCategories: Sendable {
  /// The category id of each class.
  let ids: [Int]
  private let labels: LabelSet
  private let supercategories: [Int: String]

  /// Numbers the classes of a label set.
  init(_ set: LabelSet) {
    labels = set
    let labels = set.labels
    if labels == COCOCategory.names {
      ids = COCOCategory.all.map(\.id)
    } else {
      ids = labels.indices.map { $0 + (set.hasBackground ? 0 : 1) }
    }
    let isOfficial =
      zip(ids, labels).filter { $1 != "__background__" && $1 != "N/A" }.map { "\($0) \($1)" }
      == COCOCategory.all.map { "\($0.id) \($0.name)" }
    supercategories =
      isOfficial ? Dictionary(uniqueKeysWithValues: COCOCategory.all.map { ($0.id, $0.supercategory) }) : [:]
  }

  /// The `categories` as JSON objects, one a class, by their ids.
  ///
  /// - Parameter used: the classes of the objects.
  func objects(used: Set<Int>) -> [String] {
    labels.labels.indices.filter { !labels.isBackground($0) && (!labels.isUnused($0) || used.contains($0)) }.map {
      "{\"id\": \(ids[$0]), \"name\": \(JSONText.quoted(labels.names[$0])), "
        + "\"supercategory\": \(JSONText.quoted(supercategories[ids[$0]] ?? ""))}"
    }
  }
}
