import JSON

/// The text of `data.yaml`, as YOLOv5 from 6.0 on and Ultralytics read it.
enum YOLODataText {
  /// Releases of YOLOv5 before 6.2 need `nc` and a list of names. Later ones look for relative folders elsewhere unless
  /// `path` is absolute. Without a folder the line `path` is omitted, and Ultralytics uses the file's folder.
  static func text(names: [String], folder: String?) -> String {
    // Every JSON string is a YAML string, also `"no"`, `"1"` and `"a: b"`.
    (folder.map { "path: \(JSONText.quoted($0))\n" } ?? "") + "train: images\nval: images\nnc: \(names.count)\nnames:"
      + (names.isEmpty ? " []\n" : "\n" + names.map { "  - \(JSONText.quoted($0))\n" }.joined())
  }
}
