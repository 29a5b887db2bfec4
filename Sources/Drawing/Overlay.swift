/// Draws detections on a picture: a box in the class's colour, or the circle instead, and a plate with the label and
/// score; masks are tinted in that colour, 45 % of it, and outlined.
///
/// Lines and letters grow with the picture. A plate lies above the box, or inside or below it where there is no room or
/// another plate. Detections of higher score are drawn over those of lower; equal input gives equal pixels.
public struct Overlay: Sendable, Hashable {
  /// Thickness of the outlines in pixels, at least 1; `nil` chooses 0.3 % of the mean side, at least 2.
  public var lineWidth: Int?
  /// Whether a plate with the label is drawn.
  public var showsLabels: Bool
  /// Whether the score follows the label, with two decimals.
  public var showsScores: Bool

  /// Makes an overlay that shows labels and scores unless told otherwise.
  public init(lineWidth: Int? = nil, showsLabels: Bool = true, showsScores: Bool = true) {
    self.lineWidth = lineWidth
    self.showsLabels = showsLabels
    self.showsScores = showsScores
  }

  /// Draws detections on the picture they were found in.
  ///
  /// All is clipped to the picture. A detection whose box lies outside, has no area or an edge that is not finite is left
  /// out, with its mask and circle; so is a mask of another size than the picture, and a circle that is not finite or has
  /// no radius above 0. Characters that the font lacks appear as frames with their code points' hexadecimal digits: see
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

  /// The characters of a label that overlays show as frames, each once, in the order of their first occurrence.
  ///
  /// The font has the letters of the European languages that are written in Latin, Greek and Cyrillic, those of
  /// Vietnamese, and usual signs, but neither Chinese characters nor emoji. Elements are code points, as the frames show
  /// them: an emoji can be of several. What is invisible by itself, such as joiners, is never missing.
  public static func missingCharacters(in label: String) -> [Unicode.Scalar] {
    var seen: Set<Unicode.Scalar> = []
    return StrokeFont.parts(of: label).compactMap { part in
      guard case .frame(let frame) = part, seen.insert(frame.scalar).inserted else { return nil }
      return frame.scalar
    }
  }

  /// The outer edge of a box's outline: the box's edges lie in the middle of the line, or the whole line inside the
  /// picture's border.
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
