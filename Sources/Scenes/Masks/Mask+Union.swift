extension Mask {
  /// Returns the mask of the pixels inside at least one of two masks.
  ///
  /// - Throws: `SceneError.invalidShape` if the masks differ in size.
  public func union(_ other: Mask) throws(SceneError) -> Mask {
    guard width == other.width, height == other.height else {
      throw .invalidShape(
        "two masks must have the same size, got \(width)x\(height) and \(other.width)x\(other.height)")
    }
    var builder = RunBuilder()
    var (index, otherIndex) = (0, 0)
    var (end, otherEnd) = (Int(runs[0]), Int(other.runs[0]))
    var position = 0
    while true {
      let next = min(end, otherEnd)
      builder.append(next - position, inside: !index.isMultiple(of: 2) || !otherIndex.isMultiple(of: 2))
      position = next
      // Both masks end at the last pixel of the image.
      if end == next {
        index += 1
        if index < runs.count { end += Int(runs[index]) }
      }
      if otherEnd == next {
        otherIndex += 1
        if otherIndex < other.runs.count { otherEnd += Int(other.runs[otherIndex]) }
      }
      guard index < runs.count, otherIndex < other.runs.count else { break }
    }
    return Mask(width: width, height: height, canonical: builder.runs)
  }
}
