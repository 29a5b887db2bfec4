import Glibc

/// Why a file or folder could not be read or written.
package enum FileError: Error, Sendable, Equatable {
  /// The system's reason, by its `errno`.
  case failed(path: String, code: Int32)
  /// A file has more bytes than are read.
  case tooLarge(path: String, size: Int, limit: Int)
  /// A reason of Limn's own.
  case refused(path: String, reason: String)
  /// The reader of a pipe has gone away.
  case readerGone

  /// The reason as the end of a sentence.
  package var reason: String {
    switch self {
    case .failed(_, let code): FileSystem.reason(code)
    case .tooLarge(_, let size, let limit): "\(size) bytes are more than the limit of \(limit)"
    case .refused(_, let reason): reason
    case .readerGone: "its reader has gone away"
    }
  }

  /// Whether the cause is the name or what stands in its place, so that other files in the folder may well be written.
  package var concernsOneName: Bool {
    switch self {
    case .failed(_, let code): [ENAMETOOLONG, EISDIR, ENOTDIR, EINVAL, EILSEQ, ELOOP, ENOENT, EEXIST].contains(code)
    case .refused, .tooLarge: true
    case .readerGone: false
    }
  }
}
