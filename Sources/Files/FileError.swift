import Glibc

/// The reason why a file or folder could not be read or written.
package enum FileError: Error, Sendable, Equatable {
  /// The system refused, with this `errno`.
  case failed(path: String, code: Int32)
  /// A file is larger than the limit, in bytes.
  case tooLarge(path: String, size: Int, limit: Int)
  /// Limn refused, for this reason.
  case refused(path: String, reason: String)
  /// The reader of a pipe has closed it.
  case readerGone

  /// The reason as the end of a sentence.
  package var reason: String {
    switch self {
    case .failed(_, let code): FileSystem.reason(code)
    case .tooLarge(_, let size, let limit): "\(size) bytes are more than the limit of \(limit)"
    case .refused(_, let reason): reason
    case .readerGone: "its reader has closed it"
    }
  }

  /// Whether the cause is this file's name or what is in its place, so that other files in the folder can be written.
  package var concernsOneName: Bool {
    switch self {
    case .failed(_, let code): [ENAMETOOLONG, EISDIR, ENOTDIR, EINVAL, EILSEQ, ELOOP, ENOENT, EEXIST].contains(code)
    case .refused, .tooLarge: true
    case .readerGone: false
    }
  }
}
