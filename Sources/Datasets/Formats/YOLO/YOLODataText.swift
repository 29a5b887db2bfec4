import JSON

/// The text of `data.yaml`, as every release of YOLOv5 from 6.0 on and Ultralytics take it.
enum YOLODataText {
  /// Those of before 6.2 want `nc` and a list of names, and later ones look for relative folders in places of their own
  /// unless `path` is absolute. Without a folder the line is left out, which Ultralytics takes as that of the file.
  static func text(names: [String], folder: String?) -> String {
    // A JSON string is a YAML string, whatever it holds: `no`, `1`, `a: b`.
    (folder.map { "path: \(JSONText.quoted($0))\n" } ?? "") + "train: images\nval: images\nnc: \(names.count)\nnames:"
      + (names.isEmpty ? " []\n" : "\n" + names.map { "  - \(JSONText.quoted($0))\n" }.joined())
  }
}
