extension Mask {
  /// Returns the mask of the pixels inside at least one of two masks.
  ///
  /// - Throws: `SceneError.invalidShape` if the masks differ in size.
  public func union(_ other: Mask) throws(SceneError) -> Mask {
    var builder = RunBuilder()
    try forEachRun(with: other) { count, isInside, isInsideOther in
      builder.append(count, inside: isInside || isInsideOther)
    }
    return Mask(width: width, height: height, canonical: builder.runs)
  }
}
