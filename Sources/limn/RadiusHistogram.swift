import Annotate

/// A histogram of the radii of the circles in all images, for choosing the limits of the search.
struct RadiusHistogram: Sendable {
  /// The largest number of rows.
  static let largestRowCount = 20
  /// The largest length of a bar, in characters.
  static let largestBar = 40

  private var imageCount = 0
  /// The number of circles of each radius, rounded down to whole pixels, and the sum of their scores.
  private var bins: [Int: Bin] = [:]

  private struct Bin: Sendable {
    var count = 0
    var scores = 0.0
  }

  /// Counts the circles of an image.
  ///
  /// - Parameters:
  ///   - detections: The detections, in pixels of the image.
  ///   - scale: The size of the searched image relative to the image, at most 1.
  mutating func add(_ detections: [Detection], scale: Float) {
    imageCount += 1
    for detection in detections {
      guard let circle = detection.circle else { continue }
      // Rounded to hundredths, so that an integer radius remains an integer after scaling up and down.
      let radius = (Double(circle.radius) * Double(scale) * 100).rounded() / 100
      let pixels = Int(min(radius, 1e9))
      bins[pixels, default: Bin()].count += 1
      bins[pixels, default: Bin()].scores += Double(detection.score)
    }
  }

  /// The report: a heading, then a line for each range of radii, whose upper end is exclusive.
  var text: String {
    let images = imageCount == 1 ? "1 image" : "\(imageCount) images"
    guard let least = bins.keys.min(), let largest = bins.keys.max() else { return "limn: no circle in \(images)\n" }
    let total = bins.values.reduce(0) { $0 + $1.count }
    let width = Self.width(from: least, through: largest)
    var rows: [Bin] = Array(repeating: Bin(), count: largest / width - least / width + 1)
    for (radius, bin) in bins {
      rows[radius / width - least / width].count += bin.count
      rows[radius / width - least / width].scores += bin.scores
    }
    let most = rows.map(\.count).max() ?? 0
    var table = [["radius", "circles", "score", ""]]
    for (index, row) in rows.enumerated() {
      let start = (least / width + index) * width
      let bar = most > Self.largestBar ? (row.count * Self.largestBar + most - 1) / most : row.count
      table.append([
        "\(start)-\(start + width)", "\(row.count)",
        row.count > 0 ? Self.hundredths(row.scores / Double(row.count)) : "-",
        String(repeating: "#", count: bar),
      ])
    }
    let widths = (0..<3).map { column in table.map { $0[column].count }.max() ?? 0 }
    let lines = table.map { cells in
      zip(cells, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
        + (cells[3].isEmpty ? "" : "  " + cells[3]) + "\n"
    }
    let circles = total == 1 ? "1 circle" : "\(total) circles"
    return "limn: radii of \(circles) in \(images), in pixels of the searched copy, with mean scores\n" + lines.joined()
  }

  /// The smallest width of 1, 2, 5, 10, 20, ... that needs at most `largestRowCount` rows.
  private static func width(from least: Int, through largest: Int) -> Int {
    var width = 1
    var factors = [2.0, 2.5, 2.0]
    while largest / width - least / width >= largestRowCount {
      width = Int(Double(width) * factors[0])
      factors.append(factors.removeFirst())
    }
    return width
  }

  /// A number in 0...1 with two decimals.
  private static func hundredths(_ value: Double) -> String {
    let digits = Int((min(max(value, 0), 1) * 100).rounded())
    return "\(digits / 100).\(digits % 100 < 10 ? "0" : "")\(digits % 100)"
  }
}
