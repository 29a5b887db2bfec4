/// What a run tells while it goes, in order.
public enum AnnotationEvent: Sendable {
  /// The outputs are open, and so many inputs are to be tried. From here on a run that is cancelled leaves no output
  /// half-written.
  case started(inputCount: Int)
  /// An image is annotated and written.
  case annotated(AnnotatedImage)
  /// An input failed: its name, and the reason, a sentence that names it.
  case failed(name: String, reason: String)
  /// Something that the user should know and that is no failure, in a sentence.
  case note(String)
}

/// How a run over all inputs ended.
public struct AnnotationSummary: Sendable, Hashable {
  /// Images written.
  public var writtenCount = 0
  /// Inputs that failed.
  public var failureCount = 0
  /// Whether every input was tried, so that documents were put into place.
  public var isComplete = false
}
