/// The class names of a detector, and the conventions that some of them follow.
///
/// torchvision's detectors name class 0 `__background__`, and COCO's 91 classes have `N/A` where COCO has no category:
/// class numbers are then COCO's own category ids. Any other set has an object for every name.
struct LabelSet: Sendable {
  /// The names, indexed by `Detection.classID`.
  let labels: [String]
  /// Whether class 0 is the background.
  let hasBackground: Bool

  init(_ labels: [String]) {
    self.labels = labels
    hasBackground = labels.first == "__background__"
  }

  /// Whether the class stands for what is no object.
  func isBackground(_ classID: Int) -> Bool { hasBackground && classID == 0 }

  /// Whether the class is a number without a category: a network may still, rarely, answer with it.
  func isUnused(_ classID: Int) -> Bool { hasBackground && labels[classID] == "N/A" }

  /// The class's name in a table of classes, where `N/A` gets its number: readers want names to differ.
  func name(_ classID: Int) -> String { isUnused(classID) ? "N/A \(classID)" : labels[classID] }
}
