import JSON

/// Text that COCO datasets and COCO results share.
enum COCOText {
  /// A box as `[x, y, width, height]`, and its area, to 3 decimals.
  ///
  /// The edges are rounded before they are subtracted, so that `x + width` never exceeds the image's width.
  static func boxAndArea(_ box: Box) -> (box: String, area: String) {
    func rounded(_ edge: Float) -> Double { (Double(edge) * 1000).rounded() }
    let (x1, y1) = (rounded(box.x1), rounded(box.y1))
    let (width, height) = (rounded(box.x2) - x1, rounded(box.y2) - y1)
    return (
      JSONText.array([x1, y1, width, height].map { $0 / 1000 }, places: 3),
      DecimalText.shortest(width * height / 1_000_000, places: 3)
    )
  }

  /// A score, to 6 decimals.
  static func score(_ score: Float) -> String { DecimalText.shortest(Double(score), places: 6) }
}
