/// Draws detections on their image: the box or the circle in the colour of the class, a plate with the label and the
/// score, and the mask, tinted with 45 % of the colour and outlined.
///
/// Lines and letters grow with the image. A plate lies above its box, or inside or below it if there is no room or
/// another plate is in the way. Detections of higher score are drawn on top. Equal input gives equal pixels.
public struct Overlay: Sendable, Hashable {
  /// The width of outlines in pixels, at least 1; nil chooses 0.3 % of the mean of width and height, at least 2.
  public var lineWidth: Int?
  /// Whether plates with the labels are drawn.
  public var showsLabels: Bool
  /// Whether the labels include the scores, with two decimals.
  public var showsScores: Bool

  /// Makes an overlay. By default it shows labels and scores.
  public init(lineWidth: Int? = nil, showsLabels: Bool = true, showsScores: Bool = true) {
    self.lineWidth = lineWidth
    self.showsLabels = showsLabels
    self.showsScores = showsScores
  }

  /// Draws detections on the image they were found in.
  ///
  /// Everything is clipped to the image. A detection is left out if its box lies outside, has no area or is not finite.
  /// A mask is left out if it does not have the image's size, and a circle if it is not finite or has no radius above
  /// 0. Characters that the font lacks are drawn as frames with the hexadecimal digits of their code points; see
  /// ``missingCharacters(in:)``.
  public func draw(_ detections: [Detection], on image: inout Image) {
    let (width, height) = (image.width, image.height)
    let automatic = max(Int((Float(width + height) * 0.0015).rounded()), 2)
    let thickness = min(max(lineWidth ?? automatic, 1), max(width, height))
    let style = Plate.Style(imageWidth: width, imageHeight: height)
    let marks = detections.compactMap { detection in
      outline(detection.box, thickness: thickness, width: width, height: height).map { (detection, $0) }
    }.sorted { $0.0.score > $1.0.score }
    image.pixels.withUnsafeMutableBufferPointer { pixels in
      let canvas = Canvas(pixels: pixels, width: width, height: height)
      for (detection, _) in marks.reversed() {
        guard let mask = detection.mask, mask.width == width, mask.height == height else { continue }
        canvas.tint(mask, with: Palette.color(ofClass: detection.classID))
      }
      for (detection, rectangle) in marks.reversed() {
        let color = Palette.color(ofClass: detection.classID)
        if let mask = detection.mask, mask.width == width, mask.height == height {
          let contours = mask.contours()
          for border in contours.outlines + contours.holes {
            canvas.outline(border, thickness: thickness, with: color)
          }
        }
        if let circle = detection.circle, circle.isProper {
          canvas.ring(circle, thickness: thickness, with: color)
        } else {
          canvas.outline(rectangle, thickness: thickness, with: color)
        }
      }
      guard showsLabels else { return }
      var plates: [Plate] = []
      for (detection, rectangle) in marks {
        plates.append(
          Plate(
            text: text(for: detection), style: style, beside: rectangle, bounds: canvas.bounds,
            avoiding: plates.map(\.rectangle), color: Palette.color(ofClass: detection.classID)))
      }
      for plate in plates.reversed() { plate.draw(on: canvas) }
    }
  }

  /// The code points of a label that the font lacks, and that overlays show as frames.
  ///
  /// The font has the letters of Vietnamese and of the European languages written in Latin, Greek and Cyrillic, and
  /// common signs, but neither Chinese characters nor emoji. An emoji may consist of several code points. Invisible
  /// code points, such as joiners, are never missing.
  ///
  /// - Returns: Each missing code point once, in the order of first occurrence.
  public static func missingCharacters(in label: String) -> [Unicode.Scalar] {
    var seen: Set<Unicode.Scalar> = []
    return StrokeFont.parts(of: label).compactMap { part in
      guard case .frame(let frame) = part, seen.insert(frame.scalar).inserted else { return nil }
      return frame.scalar
    }
  }

  /// The outer edge of a box's outline, or nil if the box is not visible. The box's edges lie in the middle of the
  /// line, which is clipped to the image.
  private func outline(_ box: Box, thickness: Int, width: Int, height: Int) -> PixelRectangle? {
    guard [box.x1, box.y1, box.x2, box.y2].allSatisfy(\.isFinite) else { return nil }
    let visible = box.clipped(width: Float(width), height: Float(height))
    guard visible.width > 0, visible.height > 0 else { return nil }
    let reach = thickness / 2
    return PixelRectangle(
      left: max(Int(visible.x1.rounded()) - reach, 0), top: max(Int(visible.y1.rounded()) - reach, 0),
      right: min(Int(visible.x2.rounded()) + reach, width), bottom: min(Int(visible.y2.rounded()) + reach, height))
  }

  private func text(for detection: Detection) -> String {
    guard showsScores, detection.score.isFinite else { return detection.label }
    let hundredths = Int((min(max(detection.score, 0), 1) * 100).rounded())
    let digits = String(hundredths % 100)
    return "\(detection.label) \(hundredths / 100).\(digits.count < 2 ? "0" : "")\(digits)"
  }
}
