import Annotate

/// The characters of labels that the overlays' font lacks, for a note.
struct MissingCharacters: Sendable {
  /// The largest number of characters that the note names.
  static let mostNamed = 10

  private var characters: [Unicode.Scalar] = []
  private var labels: Set<String> = []

  /// Adds the missing characters in the labels of an image.
  mutating func add(_ detections: [Detection]) {
    for detection in detections where labels.insert(detection.label).inserted {
      for character in Overlay.missingCharacters(in: detection.label) where !characters.contains(character) {
        characters.append(character)
      }
    }
  }

  /// The note; nil if no character is missing.
  var note: String? {
    guard !characters.isEmpty else { return nil }
    let named = characters.prefix(Self.mostNamed).map { character in
      "\(character) (U+\(String(character.value, radix: 16, uppercase: true)))"
    }
    let more = characters.count > Self.mostNamed ? " and \(characters.count - Self.mostNamed) more" : ""
    return
      "the overlays' font lacks \(named.joined(separator: ", "))\(more): overlays show code points instead; the "
      + "annotations have the whole labels"
  }
}
