/// A label on a filled rectangle beside a box.
struct Plate {
  /// Sizes in pixels, which depend on the image's size.
  struct Style {
    /// Pixels per unit of the font, a multiple of 1/4, so that the lines of letters fall on whole pixels.
    let unit: Float
    let height: Int
    let padding: Int

    init(imageWidth: Int, imageHeight: Int) {
      unit = max((Float(imageWidth + imageHeight) * 0.0023).rounded(), 3) / 4
      padding = Int((5 * unit).rounded(.up))
      height = Int((StrokeFont.descent * unit).rounded(.up)) + Int((6 * unit).rounded(.up))
    }
  }

  let text: String
  let style: Style
  let color: RGB
  let rectangle: PixelRectangle

  /// Places a plate: above the box if it fits there and covers no other plate, else inside the box at the top, below
  /// the box, or inside at the bottom. If each covers another plate, it is the first that lies inside `bounds`; if none
  /// does, it is at the top of `bounds`.
  init(
    text: String, style: Style, beside box: PixelRectangle, bounds: PixelRectangle, avoiding taken: [PixelRectangle],
    color: RGB
  ) {
    self.text = text
    self.style = style
    self.color = color
    let limit = Float(bounds.right - bounds.left) / style.unit
    let width = Int((StrokeFont.width(text, limit: limit) * style.unit).rounded(.up)) + 2 * style.padding
    let left = max(min(box.left, bounds.right - width), bounds.left)
    let candidates = [box.top - style.height, box.top, box.bottom, box.bottom - style.height].map { top in
      PixelRectangle(left: left, top: top, right: left + width, bottom: top + style.height)
    }
    let fitting = candidates.filter { $0.top >= bounds.top && $0.bottom <= bounds.bottom }
    let first = PixelRectangle(left: left, top: bounds.top, right: left + width, bottom: bounds.top + style.height)
    rectangle = fitting.first { candidate in !taken.contains(where: candidate.intersects) } ?? fitting.first ?? first
  }

  /// The y coordinate of the pen's middle at the top of capitals.
  var textTop: Float { Float(rectangle.top) + ((StrokeFont.ascent + 1) * style.unit).rounded() + 0.5 }

  func draw(on canvas: Canvas) {
    canvas.fill(rectangle, with: color)
    canvas.write(
      text, x: Float(rectangle.left + style.padding) + 0.5, y: textTop, unit: style.unit, with: color.contrasting,
      inside: rectangle)
  }
}
