/// A rectangle of pixels. `right` and `bottom` are exclusive.
struct PixelRectangle: Equatable {
  var left: Int
  var top: Int
  var right: Int
  var bottom: Int

  func intersects(_ other: PixelRectangle) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }

  /// The part that both cover. If there is none, `right` is not above `left`, or `bottom` not above `top`.
  func intersection(_ other: PixelRectangle) -> PixelRectangle {
    PixelRectangle(
      left: max(left, other.left), top: max(top, other.top), right: min(right, other.right),
      bottom: min(bottom, other.bottom))
  }

  func moved(right x: Int, down y: Int) -> PixelRectangle {
    PixelRectangle(left: left + x, top: top + y, right: right + x, bottom: bottom + y)
  }

  func contains(_ other: PixelRectangle) -> Bool {
    left <= other.left && other.right <= right && top <= other.top && other.bottom <= bottom
  }
}

/// Draws on the samples, `[height][width][3]`, of an image. Everything is clipped to it.
struct Canvas {
  let pixels: UnsafeMutableBufferPointer<UInt8>
  let width: Int
  let height: Int

  var bounds: PixelRectangle { PixelRectangle(left: 0, top: 0, right: width, bottom: height) }

  func fill(_ rectangle: PixelRectangle, with color: RGB) {
    let columns = (rectangle.left..<max(rectangle.left, rectangle.right)).clamped(to: 0..<width)
    for y in (rectangle.top..<max(rectangle.top, rectangle.bottom)).clamped(to: 0..<height) {
      for x in columns { set(x, y, to: color) }
    }
  }

  /// Tints the pixels inside a mask of the image's size: each becomes 9/20 of the colour and 11/20 of the pixel.
  func tint(_ mask: Mask, with color: RGB) {
    let parts = (red: 9 * Int(color.red) + 10, green: 9 * Int(color.green) + 10, blue: 9 * Int(color.blue) + 10)
    for span in mask.spans {
      var index = (span.rows.lowerBound * width + span.x) * 3
      for _ in span.rows {
        pixels[index] = UInt8((11 * Int(pixels[index]) + parts.red) / 20)
        pixels[index + 1] = UInt8((11 * Int(pixels[index + 1]) + parts.green) / 20)
        pixels[index + 2] = UInt8((11 * Int(pixels[index + 2]) + parts.blue) / 20)
        index += width * 3
      }
    }
  }

  /// Draws a line along a border of a mask, with half of the thickness, rounded down, outside and the rest inside.
  func outline(_ corners: [Mask.Corner], thickness: Int, with color: RGB) {
    guard var start = corners.last else { return }
    let outside = thickness / 2
    let inside = thickness - outside
    for end in corners {
      // In the direction of each side the inside lies to the right, with y pointing down.
      var line = PixelRectangle(
        left: min(start.x, end.x) - outside, top: min(start.y, end.y) - outside,
        right: max(start.x, end.x) + outside, bottom: max(start.y, end.y) + outside)
      if start.x < end.x { line.bottom = start.y + inside }
      if start.x > end.x { line.top = start.y - inside }
      if start.y < end.y { line.left = start.x - inside }
      if start.y > end.y { line.right = start.x + inside }
      fill(line, with: color)
      start = end
    }
  }

  /// Fills the border of `thickness` pixels inside a rectangle.
  func outline(_ rectangle: PixelRectangle, thickness: Int, with color: RGB) {
    let innerTop = min(rectangle.top + thickness, rectangle.bottom)
    let innerBottom = max(rectangle.bottom - thickness, innerTop)
    var side = rectangle
    side.bottom = innerTop
    fill(side, with: color)
    (side.top, side.bottom) = (innerBottom, rectangle.bottom)
    fill(side, with: color)
    (side.top, side.bottom) = (innerTop, innerBottom)
    side.right = min(rectangle.left + thickness, rectangle.right)
    fill(side, with: color)
    (side.left, side.right) = (max(rectangle.right - thickness, side.right), rectangle.right)
    fill(side, with: color)
  }

  /// Draws a ring along a circle, with half of the thickness on each side and antialiased edges.
  func ring(_ circle: Circle, thickness: Int, with color: RGB) {
    let (centerX, centerY, radius) = (Double(circle.x), Double(circle.y), Double(circle.radius))
    let reach = Double(thickness) / 2 + 0.5
    let (outer, inner) = (radius + reach, max(radius - reach, 0))
    for y in pixels(centerY - outer, centerY + outer, side: height) {
      let dy = Double(y) + 0.5 - centerY
      let outerX = max(outer * outer - dy * dy, 0).squareRoot()
      let innerX = max(inner * inner - dy * dy, 0).squareRoot()
      let left = pixels(centerX - outerX, centerX - innerX, side: width)
      let right = pixels(centerX + innerX, centerX + outerX, side: width)
      for x in Array(left) + Array(max(left.upperBound, right.lowerBound)..<max(left.upperBound, right.upperBound)) {
        let dx = Double(x) + 0.5 - centerX
        let coverage = reach - abs((dx * dx + dy * dy).squareRoot() - radius)
        if coverage > 0 { blend(x, y, with: color, coverage: Float(min(coverage, 1))) }
      }
    }
  }

  /// The pixels of `0..<side` that an interval touches.
  private func pixels(_ from: Double, _ to: Double, side: Int) -> Range<Int> {
    func clamped(_ value: Double) -> Int { Int(min(max(value, 0), Double(side))) }
    return clamped(from.rounded(.down))..<clamped(to.rounded(.up))
  }

  /// Draws text in one line.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - x: The origin of the first glyph, at the middle of the pen.
  ///   - y: The top of capitals, at the middle of the pen.
  ///   - unit: Pixels per unit of `StrokeFont`.
  ///   - color: The colour.
  ///   - clip: The rectangle that the text is clipped to.
  func write(_ text: String, x: Float, y: Float, unit: Float, with color: RGB, inside clip: PixelRectangle) {
    var origin = x
    for part in StrokeFont.parts(of: text) {
      guard origin < Float(min(clip.right, width)) else { return }
      switch part {
      case .letter(let letter):
        let glyph = letter.glyph
        draw(glyph, x: origin, y: y, unit: unit, with: color, inside: clip)
        origin += glyph.advance * unit
      case .frame(let frame):
        for rectangle in frame.rectangles(x: origin, y: y, unit: unit) {
          fill(rectangle.intersection(clip), with: color)
        }
        origin += frame.advance * unit
      }
    }
  }

  private func draw(
    _ glyph: StrokeFont.Glyph, x originX: Float, y originY: Float, unit: Float, with color: RGB,
    inside clip: PixelRectangle
  ) {
    let radius = max(StrokeFont.penWidth * unit, 1.25) / 2
    let reach = radius + 0.5
    let columns = covered(originX - reach, originX + glyph.advance * unit + reach)
      .clamped(to: 0..<width).clamped(to: clip.left..<max(clip.left, clip.right))
    let rows = covered(originY - StrokeFont.ascent * unit - reach, originY + StrokeFont.descent * unit + reach)
      .clamped(to: 0..<height).clamped(to: clip.top..<max(clip.top, clip.bottom))
    guard !columns.isEmpty, !rows.isEmpty else { return }

    var coverage = [Float](repeating: 0, count: columns.count * rows.count)
    for stroke in glyph.strokes {
      let points = stroke.map { StrokeFont.Point(x: originX + $0.x * unit, y: originY + $0.y * unit) }
      for (start, end) in zip(points, points.dropFirst()) {
        for y in covered(min(start.y, end.y) - reach, max(start.y, end.y) + reach).clamped(to: rows) {
          for x in covered(min(start.x, end.x) - reach, max(start.x, end.x) + reach).clamped(to: columns) {
            let center = StrokeFont.Point(x: Float(x) + 0.5, y: Float(y) + 0.5)
            let index = (y - rows.lowerBound) * columns.count + x - columns.lowerBound
            coverage[index] = max(coverage[index], reach - distance(from: center, to: start, end))
          }
        }
      }
    }
    for (index, value) in coverage.enumerated() where value > 0 {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns.count)
      blend(columns.lowerBound + column, rows.lowerBound + row, with: color, coverage: min(value, 1))
    }
  }

  /// The pixels that an interval touches.
  private func covered(_ from: Float, _ to: Float) -> Range<Int> { Int(from.rounded(.down))..<Int(to.rounded(.up)) }

  private func distance(
    from point: StrokeFont.Point, to start: StrokeFont.Point, _ end: StrokeFont.Point
  ) -> Float {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let (px, py) = (point.x - start.x, point.y - start.y)
    let squaredLength = dx * dx + dy * dy
    let along = squaredLength > 0 ? min(max((px * dx + py * dy) / squaredLength, 0), 1) : 0
    let (offsetX, offsetY) = (px - along * dx, py - along * dy)
    return (offsetX * offsetX + offsetY * offsetY).squareRoot()
  }

  private func set(_ x: Int, _ y: Int, to color: RGB) {
    let index = (y * width + x) * 3
    pixels[index] = color.red
    pixels[index + 1] = color.green
    pixels[index + 2] = color.blue
  }

  private func blend(_ x: Int, _ y: Int, with color: RGB, coverage: Float) {
    let index = (y * width + x) * 3
    func mix(_ offset: Int, _ sample: UInt8) {
      let old = Float(pixels[index + offset])
      pixels[index + offset] = UInt8((old + (Float(sample) - old) * coverage).rounded())
    }
    mix(0, color.red)
    mix(1, color.green)
    mix(2, color.blue)
  }
}
