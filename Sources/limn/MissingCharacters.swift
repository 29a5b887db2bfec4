import Annotate

/// The characters of labels that the font of overlays lacks, for a note.
struct MissingCharacters: Sendable {
  /// The most that are named.
  static let mostNamed = 10

  private var characters: [Unicode.Scalar] = []
  private var labels: Set<String> = []

  /// Looks at the labels of a picture.
  mutating func add(_ detections: [Detection]) {
    for detection in detections where labels.insert(detection.label).inserted {
      for character in Overlay.missingCharacters(in: detection.label) where !characters.contains(character) {
        characters.append(character)
      }
    }
  }

  /// The sentence; nil where none is missing.
  var note: String? {
    guard !characters.isEmpty else { return nil }
    let named = characters.prefix(Self.mostNamed).map { character in
      "\(character) (U+\(String(character.value, radix: 16, uppercase: true)))"
    }
    let more = characters.count > Self.mostNamed ? " and \(characters.count - Self.mostNamed) more" : ""
    return
      "the overlays' font lacks \(named.joined(separator: ", "))\(more): drawn as code points; the labels are whole in "
      + "the annotations"
  }
}
