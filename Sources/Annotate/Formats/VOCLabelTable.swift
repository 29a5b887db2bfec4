/// The colours of VOC's labels, which number the classes in its images of masks.
struct VOCLabelTable: Sendable {
  /// The lines of `labelmap.txt`, `name:red,green,blue::`, the background first.
  let rows: [String]
  /// The index of each class in images of masks; 0 is the background.
  let indices: [Int]

  /// Numbers labels by their classes, from 1 where the first of them is not the background itself. Classes of one name
  /// share the first one's index.
  init(_ labels: [String]) {
    let isBackground = labels.first.map { ["background", "__background__"].contains($0) } ?? false
    let offset = isBackground ? 0 : 1
    var first: [String: Int] = [:]
    var rows =
      isBackground ? [] : [labels.contains("background") ? "__background__" : "background"].map { $0 + ":0,0,0::\n" }
    var indices: [Int] = []
    for (classID, label) in labels.enumerated() {
      if let index = first[label] {
        indices.append(index)
        continue
      }
      let index = classID + offset
      let color = Self.color(index)
      first[label] = index
      indices.append(index)
      rows.append("\(label):\(color.red),\(color.green),\(color.blue)::\n")
    }
    self.rows = rows
    self.indices = indices
  }

  /// The devkit's colour of an index: its bits dealt out to red, green and blue in turn, from the highest down.
  static func color(_ index: Int) -> RGB {
    var color: (red: UInt32, green: UInt32, blue: UInt32) = (0, 0, 0)
    for place in 0..<8 {
      let bits = UInt32(truncatingIfNeeded: index >> (3 * place))
      color.red |= (bits & 1) << (7 - place)
      color.green |= (bits >> 1 & 1) << (7 - place)
      color.blue |= (bits >> 2 & 1) << (7 - place)
    }
    return RGB(color.red << 16 | color.green << 8 | color.blue)
  }
}
