import Files

extension AnnotationError {
  /// Makes an error from the failure of an output file.
  package init(_ error: FileError) {
    switch error {
    case .failed(let path, _), .tooLarge(let path, _, _), .refused(let path, _):
      self = .output(path: path, reason: error.reason)
    case .readerGone: self = .outputClosed
    }
  }
}
