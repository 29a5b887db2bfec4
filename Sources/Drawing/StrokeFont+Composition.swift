extension StrokeFont.Letter {
  /// The bounds of strokes.
  private struct Extent {
    var left: Float
    var right: Float
    var top: Float
    var bottom: Float

    init?(_ strokes: [[StrokeFont.Point]]) {
      let points = strokes.joined()
      guard let left = points.map(\.x).min(), let right = points.map(\.x).max(), let top = points.map(\.y).min(),
        let bottom = points.map(\.y).max()
      else { return nil }
      (self.left, self.right, self.top, self.bottom) = (left, right, top, bottom)
    }

    var middle: Float { (left + right) / 2 }
    var height: Float { bottom - top }
  }

  private static let baseline: Float = 12
  /// The x coordinate of the accents of letters that do not have them above their middle.
  private static let anchors: [Unicode.Scalar: Float] = [
    "j": 2, "ј": 2, "L": 1, "h": 1, "b": 1, "k": 1, "d": 5, "ι": 0,
  ]

  /// The glyph of the letter with its marks. The letter is lowered if the marks lack room above it.
  func composed() -> StrokeFont.Glyph {
    var letter = StrokeFont.plainGlyphs[base]?.strokes ?? []
    let marks = marks.map(adapted).compactMap { StrokeFont.marks[$0] }
    let above = marks.filter { $0.place == .above }
    if !above.isEmpty, base.properties.isSoftDotted { letter.removeAll { Extent([$0])?.height == 0 } }
    guard let extent = Extent(letter) ?? Extent([[.init(x: 0, y: 4), .init(x: 4, y: Self.baseline)]]) else {
      return StrokeFont.Glyph(strokes: [])
    }
    var added: [[StrokeFont.Point]] = []
    func add(_ mark: StrokeFont.Mark, x: Float, y: Float) {
      added += mark.strokes.map { $0.map { StrokeFont.Point(x: $0.x + x, y: $0.y + y) } }
    }

    var bottom = max(extent.bottom, Self.baseline)
    for mark in marks {
      guard let size = Extent(mark.strokes) else { continue }
      switch mark.place {
      case .above: break
      case .below:
        // To the right of a descender.
        let x = extent.bottom > Self.baseline ? extent.right : extent.middle
        bottom = min(bottom + 3, StrokeFont.descent - size.height)
        add(mark, x: x - size.middle, y: bottom)
        bottom += size.height
      case .middle: add(mark, x: extent.middle - 1, y: Self.baseline)
      case .foot:
        let foot = letter.joined().filter { $0.y > Self.baseline - 0.5 }.map(\.x).max() ?? extent.right
        add(mark, x: foot - 2, y: Self.baseline)
      case .shoulder: add(mark, x: extent.right, y: extent.top)
      case .across: add(mark, x: extent.middle - size.middle, y: (extent.top + extent.bottom - size.height) / 2)
      }
    }

    if isGreekCapital, self.marks == ["\u{301}"] {
      added.append([.init(x: extent.left - 2, y: 0), .init(x: extent.left - 3, y: 3)])
    } else {
      letter = lowered(letter, extent, under: above, add)
    }
    return StrokeFont.Glyph(strokes: shifted(letter + added))
  }

  /// Adds marks above a letter, and returns its strokes, lowered as far as the marks need.
  private func lowered(
    _ letter: [[StrokeFont.Point]], _ extent: Extent, under marks: [StrokeFont.Mark],
    _ add: (StrokeFont.Mark, _ x: Float, _ y: Float) -> Void
  ) -> [[StrokeFont.Point]] {
    guard !marks.isEmpty else { return letter }
    let gap: Float = 2.5
    let isPair = hasToneBeside
    let sizes = marks.compactMap { Extent($0.strokes) }
    let heights = isPair ? [sizes[1].height + 2] : sizes.map(\.height)
    let slack = extent.top + StrokeFont.ascent - heights.reduce(0) { $0 + $1 + gap }
    let top = max(extent.top, min(extent.top - slack, 8))
    var y = top - gap - min(max(slack, 0), 0.5)
    let x = Self.anchors[base] ?? extent.middle
    if isPair {
      let left = x - (sizes[0].right + sizes[1].right + 1) / 2
      add(marks[0], left, y - sizes[0].height)
      add(marks[1], left + sizes[0].right + 1, y - heights[0])
    } else {
      for (mark, size) in zip(marks, sizes) {
        y = max(y - size.height, -StrokeFont.ascent)
        add(mark, x - size.middle, y)
        y -= gap
      }
    }
    let scale = (Self.baseline - top) / (Self.baseline - extent.top)
    return letter.map { stroke in
      stroke.map { point in
        guard point.y < Self.baseline else { return point }
        return StrokeFont.Point(x: point.x, y: Self.baseline - (Self.baseline - point.y) * scale)
      }
    }
  }

  /// Whether a tone mark lies beside a circumflex or breve, as in Vietnamese.
  private var hasToneBeside: Bool {
    let above = marks.filter { StrokeFont.marks[$0]?.place == .above }
    return above.count == 2 && ["\u{302}", "\u{306}"].contains(above[0])
      && ["\u{300}", "\u{301}", "\u{309}"].contains(above[1])
  }

  private var isGreekCapital: Bool { ("\u{391}"..."\u{3A9}").contains(base) }

  /// The form of a mark on this letter: Baltic letters have commas instead of cedillas.
  private func adapted(_ mark: Unicode.Scalar) -> Unicode.Scalar {
    mark == "\u{327}" && "DGKLNRdgklnr".unicodeScalars.contains(base) ? "\u{326}" : mark
  }

  private func shifted(_ strokes: [[StrokeFont.Point]]) -> [[StrokeFont.Point]] {
    guard let left = Extent(strokes)?.left, left < 0 else { return strokes }
    return strokes.map { $0.map { StrokeFont.Point(x: $0.x - left, y: $0.y) } }
  }
}
