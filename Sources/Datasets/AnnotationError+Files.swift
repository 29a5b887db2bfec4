import Files

extension AnnotationError {
  /// A failure of a file that is written for all images, or for one.
  package init(_ error: FileError) {
    switch error {
    case .failed(let path, _), .tooLarge(let path, _, _), .refused(let path, _):
      self = .output(path: path, reason: error.reason)
    case .readerGone: self = .outputClosed
    }
  }
}
