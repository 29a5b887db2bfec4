import JSON

/// The categories of a COCO document.
///
/// - The 80 classes of COCO, in order, get their official ids, 1 to 90 with gaps, which evaluation against the official
///   annotations needs.
/// - Labels that begin with `__background__` keep their class numbers; for torchvision's 91 names these are the
///   official ids, too. The background is not a category, and a class named `N/A` is one only if an object has it.
/// - All other labels get the ids 1 to N.
struct COCOCategories: Sendable {
  /// The category id of each class.
  let ids: [Int]
  private let labels: LabelSet
  private let supercategories: [Int: String]

  /// Makes the categories of a label set.
  init(_ set: LabelSet) {
    labels = set
    let labels = set.labels
    if labels == COCOCategory.names {
      ids = COCOCategory.all.map(\.id)
    } else {
      ids = labels.indices.map { $0 + (set.hasBackground ? 0 : 1) }
    }
    let isOfficial =
      zip(ids, labels).filter { $1 != Detection.backgroundLabel && $1 != "N/A" }.map { "\($0) \($1)" }
      == COCOCategory.all.map { "\($0.id) \($0.name)" }
    supercategories =
      isOfficial ? Dictionary(uniqueKeysWithValues: COCOCategory.all.map { ($0.id, $0.supercategory) }) : [:]
  }

  /// The `categories` as JSON objects, one per class, in the order of their ids.
  ///
  /// - Parameter used: The classes that objects have.
  func objects(used: Set<Int>) -> [String] {
    labels.labels.indices.filter { !labels.isBackground($0) && (!labels.isUnused($0) || used.contains($0)) }.map {
      "{\"id\": \(ids[$0]), \"name\": \(JSONText.quoted(labels.names[$0])), "
        + "\"supercategory\": \(JSONText.quoted(supercategories[ids[$0]] ?? ""))}"
    }
  }
}
