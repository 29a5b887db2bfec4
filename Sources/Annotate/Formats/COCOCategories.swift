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
  init(labels: [String]) {
    self.labels = LabelSet(labels)
    if labels == Self.official.map(\.name) {
      ids = Self.official.map(\.id)
    } else {
      ids = labels.indices.map { $0 + (labels.first == "__background__" ? 0 : 1) }
    }
    let isOfficial =
      zip(ids, labels).filter { $1 != "__background__" && $1 != "N/A" }.map { "\($0) \($1)" }
      == Self.official.map { "\($0.id) \($0.name)" }
    supercategories =
      isOfficial ? Dictionary(uniqueKeysWithValues: Self.official.map { ($0.id, $0.supercategory) }) : [:]
  }

  /// The `categories` as JSON objects, one a class, by their ids.
  ///
  /// - Parameter used: the classes of the objects.
  func objects(used: Set<Int>) -> [String] {
    labels.labels.indices.filter { !labels.isBackground($0) && (!labels.isUnused($0) || used.contains($0)) }.map {
      "{\"id\": \(ids[$0]), \"name\": \(JSONText.quoted(labels.name($0))), "
        + "\"supercategory\": \(JSONText.quoted(supercategories[ids[$0]] ?? ""))}"
    }
  }

  private struct Category {
    let id: Int
    let name: String
    let supercategory: String
  }

  private static let official: [Category] = [
    Category(id: 1, name: "person", supercategory: "person"),
    Category(id: 2, name: "bicycle", supercategory: "vehicle"),
    Category(id: 3, name: "car", supercategory: "vehicle"),
    Category(id: 4, name: "motorcycle", supercategory: "vehicle"),
    Category(id: 5, name: "airplane", supercategory: "vehicle"),
    Category(id: 6, name: "bus", supercategory: "vehicle"),
    Category(id: 7, name: "train", supercategory: "vehicle"),
    Category(id: 8, name: "truck", supercategory: "vehicle"),
    Category(id: 9, name: "boat", supercategory: "vehicle"),
    Category(id: 10, name: "traffic light", supercategory: "outdoor"),
    Category(id: 11, name: "fire hydrant", supercategory: "outdoor"),
    Category(id: 13, name: "stop sign", supercategory: "outdoor"),
    Category(id: 14, name: "parking meter", supercategory: "outdoor"),
    Category(id: 15, name: "bench", supercategory: "outdoor"),
    Category(id: 16, name: "bird", supercategory: "animal"),
    Category(id: 17, name: "cat", supercategory: "animal"),
    Category(id: 18, name: "dog", supercategory: "animal"),
    Category(id: 19, name: "horse", supercategory: "animal"),
    Category(id: 20, name: "sheep", supercategory: "animal"),
    Category(id: 21, name: "cow", supercategory: "animal"),
    Category(id: 22, name: "elephant", supercategory: "animal"),
    Category(id: 23, name: "bear", supercategory: "animal"),
    Category(id: 24, name: "zebra", supercategory: "animal"),
    Category(id: 25, name: "giraffe", supercategory: "animal"),
    Category(id: 27, name: "backpack", supercategory: "accessory"),
    Category(id: 28, name: "umbrella", supercategory: "accessory"),
    Category(id: 31, name: "handbag", supercategory: "accessory"),
    Category(id: 32, name: "tie", supercategory: "accessory"),
    Category(id: 33, name: "suitcase", supercategory: "accessory"),
    Category(id: 34, name: "frisbee", supercategory: "sports"),
    Category(id: 35, name: "skis", supercategory: "sports"),
    Category(id: 36, name: "snowboard", supercategory: "sports"),
    Category(id: 37, name: "sports ball", supercategory: "sports"),
    Category(id: 38, name: "kite", supercategory: "sports"),
    Category(id: 39, name: "baseball bat", supercategory: "sports"),
    Category(id: 40, name: "baseball glove", supercategory: "sports"),
    Category(id: 41, name: "skateboard", supercategory: "sports"),
    Category(id: 42, name: "surfboard", supercategory: "sports"),
    Category(id: 43, name: "tennis racket", supercategory: "sports"),
    Category(id: 44, name: "bottle", supercategory: "kitchen"),
    Category(id: 46, name: "wine glass", supercategory: "kitchen"),
    Category(id: 47, name: "cup", supercategory: "kitchen"),
    Category(id: 48, name: "fork", supercategory: "kitchen"),
    Category(id: 49, name: "knife", supercategory: "kitchen"),
    Category(id: 50, name: "spoon", supercategory: "kitchen"),
    Category(id: 51, name: "bowl", supercategory: "kitchen"),
    Category(id: 52, name: "banana", supercategory: "food"),
    Category(id: 53, name: "apple", supercategory: "food"),
    Category(id: 54, name: "sandwich", supercategory: "food"),
    Category(id: 55, name: "orange", supercategory: "food"),
    Category(id: 56, name: "broccoli", supercategory: "food"),
    Category(id: 57, name: "carrot", supercategory: "food"),
    Category(id: 58, name: "hot dog", supercategory: "food"),
    Category(id: 59, name: "pizza", supercategory: "food"),
    Category(id: 60, name: "donut", supercategory: "food"),
    Category(id: 61, name: "cake", supercategory: "food"),
    Category(id: 62, name: "chair", supercategory: "furniture"),
    Category(id: 63, name: "couch", supercategory: "furniture"),
    Category(id: 64, name: "potted plant", supercategory: "furniture"),
    Category(id: 65, name: "bed", supercategory: "furniture"),
    Category(id: 67, name: "dining table", supercategory: "furniture"),
    Category(id: 70, name: "toilet", supercategory: "furniture"),
    Category(id: 72, name: "tv", supercategory: "electronic"),
    Category(id: 73, name: "laptop", supercategory: "electronic"),
    Category(id: 74, name: "mouse", supercategory: "electronic"),
    Category(id: 75, name: "remote", supercategory: "electronic"),
    Category(id: 76, name: "keyboard", supercategory: "electronic"),
    Category(id: 77, name: "cell phone", supercategory: "electronic"),
    Category(id: 78, name: "microwave", supercategory: "appliance"),
    Category(id: 79, name: "oven", supercategory: "appliance"),
    Category(id: 80, name: "toaster", supercategory: "appliance"),
    Category(id: 81, name: "sink", supercategory: "appliance"),
    Category(id: 82, name: "refrigerator", supercategory: "appliance"),
    Category(id: 84, name: "book", supercategory: "indoor"),
    Category(id: 85, name: "clock", supercategory: "indoor"),
    Category(id: 86, name: "vase", supercategory: "indoor"),
    Category(id: 87, name: "scissors", supercategory: "indoor"),
    Category(id: 88, name: "teddy bear", supercategory: "indoor"),
    Category(id: 89, name: "hair drier", supercategory: "indoor"),
    Category(id: 90, name: "toothbrush", supercategory: "indoor"),
  ]
}
