import Files

/// The class names of a detector, with the conventions of torchvision.
///
/// torchvision's detectors name class 0 `__background__`. In its 91 classes of COCO, whose numbers are COCO's category
/// ids, unused ids are named `N/A`. In any other set all names are names of objects.
struct LabelSet: Sendable {
  /// The class names of the detector, indexed by `Detection.classID`.
  let labels: [String]
  /// The names for a table of classes. They are unique, since readers identify classes by name: empty names, `N/A` and
  /// repeated names are made unique by the class number.
  let names: [String]
  /// Whether class 0 is the background.
  let hasBackground: Bool
  /// Sentences for the user about names that differ from those of the detector.
  let notes: [String]

  /// Makes a label set.
  ///
  /// - Throws: `AnnotationError.invalidLabels` for too many names or a name that is too long.
  init(_ labels: [String]) throws(AnnotationError) {
    guard labels.count <= Detection.labelLimits.count else {
      throw .invalidLabels(
        "a detector must have at most \(Detection.labelLimits.count) class names, got \(labels.count)")
    }
    if let long = labels.first(where: { $0.utf8.count > Detection.labelLimits.byteCount }) {
      throw .invalidLabels(
        "a class name must have at most \(Detection.labelLimits.byteCount) bytes, got \(long.utf8.count): "
          + long.printable(limit: 40))
    }
    self.labels = labels
    hasBackground = labels.first == Detection.backgroundLabel
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

  /// Whether the class is the background.
  func isBackground(_ classID: Int) -> Bool { hasBackground && classID == 0 }

  /// Whether the class is an unused id. Rarely, a network still reports it.
  func isUnused(_ classID: Int) -> Bool { hasBackground && labels[classID] == "N/A" }

  /// Checks that the class of each detection in an image is in the set, has its label and is not the background.
  ///
  /// - Throws: `AnnotationError.invalidImage` for the first detection that fails the check.
  func check(_ image: AnnotatedImage) throws(AnnotationError) {
    for detection in image.detections {
      guard detection.classID < labels.count else {
        throw .invalidImage("\(image.name): class \(detection.classID) is not one of the \(labels.count) labels")
      }
      guard !isBackground(detection.classID) else {
        throw .invalidImage("\(image.name): class \(detection.classID) is the background, which cannot be annotated")
      }
      guard detection.label == labels[detection.classID] else {
        throw .invalidImage(
          "\(image.name): the label of class \(detection.classID) must be \"\(labels[detection.classID])\", got "
            + "\"\(detection.label)\"; map the detections of several detectors to one list of labels first")
      }
    }
  }
}
