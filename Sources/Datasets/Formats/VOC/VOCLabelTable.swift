/// The colours of VOC's labels, which number the classes in its images of masks.
struct VOCLabelTable: Sendable {
  /// The lines of `labelmap.txt`, `name:red,green,blue::`, the background first.
  let rows: [String]
  /// The index of each class in images of masks; 0 is the background.
  let indices: [Int]

  /// Numbers labels by their classes, from 1 where the first of them is not the background itself.
  init(_ set: LabelSet) {
    let labels = set.names
    let isBackground = labels.first.map { ["background", "__background__"].contains($0) } ?? false
    let offset = isBackground ? 0 : 1
    indices = labels.indices.map { $0 + offset }
    let background = labels.contains("background") ? "__background__" : "background"
    rows =
      (isBackground ? [] : ["\(background):0,0,0::\n"])
      + labels.enumerated().map { classID, label in
        let color = Self.color(classID + offset)
        return "\(label):\(color.red),\(color.green),\(color.blue)::\n"
      }
  }

  /// The devkit's colour of an index: its bits dealt out to red, green and blue in turn, from the highest down.
  static func color(_ index: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    var color: (red: UInt8, green: UInt8, blue: UInt8) = (0, 0, 0)
    for place in 0..<8 {
      let bits = UInt8(truncatingIfNeeded: index >> (3 * place))
      color.red |= (bits & 1) << (7 - place)
      color.green |= (bits >> 1 & 1) << (7 - place)
      color.blue |= (bits >> 2 & 1) << (7 - place)
    }
    return color
  }
}
