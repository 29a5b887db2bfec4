/// An event of a running job, reported in order.
public enum AnnotationEvent: Sendable {
  /// The outputs are open and the given number of inputs follows. After this event a cancelled run leaves no incomplete
  /// output file.
  case started(inputCount: Int)
  /// An image was annotated and written.
  case annotated(AnnotatedImage)
  /// An input failed: its name, and the reason as a sentence that names it.
  case failed(name: String, reason: String)
  /// A note for the user, as a sentence. It is not a failure.
  case note(String)
}

/// The result of a run over all inputs.
public struct AnnotationSummary: Sendable, Hashable {
  /// The number of images written.
  public var writtenCount = 0
  /// The number of inputs that failed.
  public var failureCount = 0
  /// Whether all inputs were processed, so that the documents were written.
  public var isComplete = false
}
