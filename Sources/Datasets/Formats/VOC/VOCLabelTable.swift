/// The colours of VOC's labels, and the indices of their classes in mask images.
struct VOCLabelTable: Sendable {
  /// The lines of `labelmap.txt`, `name:red,green,blue::`, the background first.
  let rows: [String]
  /// The index of each class in mask images; 0 is the background.
  let indices: [Int]

  /// Makes the table. Classes are numbered in order, from 0 if the first label is the background, else from 1.
  init(_ set: LabelSet) {
    let labels = set.names
    let isBackground = labels.first.map { ["background", Detection.backgroundLabel].contains($0) } ?? false
    let offset = isBackground ? 0 : 1
    indices = labels.indices.map { $0 + offset }
    let background = labels.contains("background") ? Detection.backgroundLabel : "background"
    rows =
      (isBackground ? [] : ["\(background):0,0,0::\n"])
      + labels.enumerated().map { classID, label in
        let color = Self.color(classID + offset)
        return "\(label):\(color.red),\(color.green),\(color.blue)::\n"
      }
  }

  /// The VOC devkit's colour of an index: its bits go in turn to red, green and blue, starting at their highest bits.
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
