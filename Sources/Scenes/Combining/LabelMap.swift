/// Leads the classes of one list to those of another: renamed, joined, left out.
///
///     let map = try LabelMap(of: detector.labels, renaming: ["person": "pedestrian", "bus": "car", "tie": nil])
///     let detections = try map(detector.detect(image))  // numbered as in map.labels
public struct LabelMap: Sendable, Hashable {
  /// The names of the classes that the map leads to, indexed by the new `Detection.classID`.
  public let labels: [String]
  /// The names that the map was made for.
  public let sources: [String]
  /// The new number of each class of `sources`; nil for one that is left out.
  public let classIDs: [Int?]

  private init(labels: [String], sources: [String], classIDs: [Int?]) {
    self.labels = labels
    self.sources = sources
    self.classIDs = classIDs
  }

  /// Renames classes.
  ///
  /// Classes that get one name become one class. Classes keep their order and are numbered anew; one that keeps its name
  /// stays apart from another of the same name.
  ///
  /// - Parameters:
  ///   - labels: a detector's class names.
  ///   - names: the new name of each class to rename, nil for one to leave out.
  /// - Throws: `SceneError.invalidParameter` for a name that is not among `labels`.
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

  /// One list for several detectors, and the map of each to it.
  ///
  /// The list begins with the first detector's, whose numbers stay; then come the names that the others add, in order.
  /// Classes of one name are one class, but those of the first detector stay as they are.
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

  /// Detections of the old list as ones of the new, in their order, without those of classes that are left out.
  ///
  /// - Throws: `SceneError.invalidParameter` for a detection whose number is not among `sources`, or whose label is not
  ///   the one of its number.
  public func callAsFunction(_ detections: [Detection]) throws(SceneError) -> [Detection] {
    var mapped: [Detection] = []
    for detection in detections {
      guard sources.indices.contains(detection.classID) else {
        throw .invalidParameter("class \(detection.classID) is not one of the \(sources.count) labels")
      }
      guard sources[detection.classID] == detection.label else {
        throw .invalidParameter(
          "class \(detection.classID) is '\(sources[detection.classID])' among the labels, but a detection of it is "
            + "labelled '\(detection.label)'")
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
