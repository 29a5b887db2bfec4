/// Maps classes from one list of labels to another: it can rename, join and drop classes.
///
///     let map = try LabelMap(of: detector.labels, renaming: ["person": "pedestrian", "bus": "car", "tie": nil])
///     let detections = try map(detector.detect(image))  // numbered as in map.labels
public struct LabelMap: Sendable, Hashable {
  /// The new class names, indexed by the new `Detection.classID`.
  public let labels: [String]
  /// The old class names, indexed by the old `Detection.classID`.
  public let sources: [String]
  /// The new number of each class of `sources`; nil for a class that is dropped.
  public let classIDs: [Int?]

  private init(labels: [String], sources: [String], classIDs: [Int?]) {
    self.labels = labels
    self.sources = sources
    self.classIDs = classIDs
  }

  /// Makes a map that renames classes.
  ///
  /// Classes keep their order and get new numbers from 0. Classes with the same new name are joined, also with a class
  /// that already has this name. Classes that have equal names and are not renamed stay separate otherwise.
  ///
  /// - Parameters:
  ///   - labels: The class names of a detector.
  ///   - names: The new names by the old names, nil for a class to drop. Other classes keep their names.
  /// - Throws: `SceneError.invalidParameter` for an old name that is not among `labels`.
  public init(of labels: [String], renaming names: [String: String?]) throws(SceneError) {
    if let unknown = names.keys.sorted().first(where: { !labels.contains($0) }) {
      throw .invalidParameter("'\(unknown)' is not one of the \(labels.count) labels")
    }
    let targets = Set(names.values.compactMap { $0 })
    var joined: [String: Int] = [:]
    var (found, classIDs): ([String], [Int?]) = ([], [])
    for label in labels {
      guard let name = names[label, default: label] else {
        classIDs.append(nil)
        continue
      }
      if let classID = joined[name] {
        classIDs.append(classID)
      } else {
        if targets.contains(name) { joined[name] = found.count }
        classIDs.append(found.count)
        found.append(name)
      }
    }
    self.init(labels: found, sources: labels, classIDs: classIDs)
  }

  /// Returns the maps of several detectors to one common list of labels.
  ///
  /// The common list begins with the labels of the first detector, which keep their numbers, followed by the new names
  /// of the others in order. Classes with equal names are joined, except those of the first detector among themselves.
  ///
  /// - Parameter lists: The class names of each detector.
  /// - Returns: One map for each detector, all with the same `labels`.
  public static func joining(_ lists: [[String]]) -> [LabelMap] {
    var labels = lists.first ?? []
    var numbers = Dictionary(zip(labels, labels.indices)) { first, _ in first }
    var classIDs: [[Int?]] = [labels.indices.map { $0 }]
    for list in lists.dropFirst() {
      classIDs.append(
        list.map { label in
          if let number = numbers[label] { return number }
          numbers[label] = labels.count
          labels.append(label)
          return labels.count - 1
        })
    }
    return zip(lists, classIDs).map { LabelMap(labels: labels, sources: $0, classIDs: $1) }
  }

  /// Returns the detections with their new class numbers and labels, in their order, without those of dropped classes.
  ///
  /// - Throws: `SceneError.invalidParameter` for a detection whose class number is not in the range of `sources` or
  ///   whose label is not the one of its number.
  public func callAsFunction(_ detections: [Detection]) throws(SceneError) -> [Detection] {
    var mapped: [Detection] = []
    for detection in detections {
      guard sources.indices.contains(detection.classID) else {
        throw .invalidParameter("class \(detection.classID) is not one of the \(sources.count) labels")
      }
      guard sources[detection.classID] == detection.label else {
        throw .invalidParameter(
          "the label of class \(detection.classID) must be '\(sources[detection.classID])', got '\(detection.label)'")
      }
      guard let classID = classIDs[detection.classID] else { continue }
      var renamed = detection
      renamed.classID = classID
      renamed.label = labels[classID]
      mapped.append(renamed)
    }
    return mapped
  }
}
