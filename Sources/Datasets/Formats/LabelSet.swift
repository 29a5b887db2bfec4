import Files

/// The class names of a detector, and the conventions that some of them follow.
///
/// torchvision's detectors name class 0 `__background__`, and COCO's 91 classes have `N/A` where COCO has no category:
/// class numbers are then COCO's own category ids. Any other set has an object for every name.
struct LabelSet: Sendable {
  /// The names as the detector has them, indexed by `Detection.classID`.
  let labels: [String]
  /// The names for a table of classes, all different, since readers know classes by their names: an empty one, `N/A` and
  /// one that is there already get their number.
  let names: [String]
  /// Whether class 0 is the background.
  let hasBackground: Bool
  /// The names that the tables have and the detector has not, in sentences for the user.
  let notes: [String]

  /// - Throws: `AnnotationError.invalidLabels` for more names, or longer ones, than `limits`.
  init(_ labels: [String]) throws(AnnotationError) {
    guard labels.count <= Detection.labelLimits.count else {
      throw .invalidLabels("\(labels.count) class names are more than \(Detection.labelLimits.count)")
    }
    if let long = labels.first(where: { $0.utf8.count > Detection.labelLimits.byteCount }) {
      throw .invalidLabels(
        "a class name of \(long.utf8.count) bytes is longer than \(Detection.labelLimits.byteCount): \(long.printable(limit: 40))"
      )
    }
    self.labels = labels
    hasBackground = labels.first == "__background__"
    var taken = Set(labels.map { Array($0.utf8) })
    var first: [[UInt8]: Int] = [:]
    var (names, notes): ([String], [String]) = ([], [])
    for (classID, label) in labels.enumerated() {
      var name = label
      if hasBackground, label == "N/A" {
        name = "N/A \(classID)"
      } else if label.isEmpty {
        name = "class \(classID)"
      } else if first[Array(label.utf8)] != nil {
        name = "\(label) \(classID)"
      }
      if name != label {
        while !taken.insert(Array(name.utf8)).inserted { name += " \(classID)" }
        if label.isEmpty {
          notes.append("class \(classID) has no name; it is written as \"\(name)\"")
        } else if let other = first[Array(label.utf8)], !(hasBackground && label == "N/A") {
          notes.append(
            "classes \(other) and \(classID) are both named \"\(label)\"; the second is written as \"\(name)\"")
        }
      }
      if first[Array(label.utf8)] == nil { first[Array(label.utf8)] = classID }
      names.append(name)
    }
    self.names = names
    self.notes = notes
  }

  /// Whether the class stands for what is no object.
  func isBackground(_ classID: Int) -> Bool { hasBackground && classID == 0 }

  /// Whether the class is a number without a category: a network may still, rarely, answer with it.
  func isUnused(_ classID: Int) -> Bool { hasBackground && labels[classID] == "N/A" }

  /// Checks that every class of an image is one of these, under its own name, and not the background.
  ///
  /// - Throws: `AnnotationError.invalidImage`.
  func check(_ image: AnnotatedImage) throws(AnnotationError) {
    for detection in image.detections {
      guard detection.classID < labels.count else {
        throw .invalidImage("\(image.name): class \(detection.classID) is not one of the \(labels.count) labels")
      }
      guard !isBackground(detection.classID) else {
        throw .invalidImage("\(image.name): class \(detection.classID) is the background, not an object's")
      }
      guard detection.label == labels[detection.classID] else {
        throw .invalidImage(
          "\(image.name): class \(detection.classID) is \"\(labels[detection.classID])\" among the labels, but a detection "
            + "of it is labelled \"\(detection.label)\"; give detections of several detectors numbers of one list")
      }
    }
  }
}
