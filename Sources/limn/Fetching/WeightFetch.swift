import Annotate
import Files
import Glibc

/// Brings official weights into the cache: resumed, checked, and put into place whole.
struct WeightFetch: Sendable {
  /// How many connections that break off are resumed in one run, each if it brought anything.
  private static let mostResumptions = 5

  /// What to fetch.
  var weights: OfficialWeights
  /// Where it goes.
  var cache: WeightCache
  /// Where it is fetched from instead of its authors' place.
  var mirror: String?
  /// What transfers it.
  var curl = Curl()

  private var address: String { weights.address(mirror: mirror) }
  private var target: String { cache.path(of: weights) }

  /// Fetches the file unless it is there already, and gives its path.
  ///
  /// - Throws: `CommandError` for what a user can read, `CancellationError` where a signal ended the
  ///   transfer.
  func run(reporter: inout TransferReporter) throws -> String {
    defer { reporter.end() }
    do throws(FileError) {
      try FileSystem.makeFolders(cache.folder)
    } catch {
      throw CommandError("cannot make the folder \(cache.folder): \(error.reason)")
    }
    let before = FileIdentity(path: target)
    if try isThere(&reporter) { return target }
    var part = try PartFile(path: target + ".part") {
      reporter.note("another process fetches \(weights.name); waiting for it")
    }
    // Another process may have brought it meanwhile.
    if FileIdentity(path: target) != before, try isThere(&reporter) { return target }
    // From here on an interrupt ends curl first.
    Interruption.current?.becomeGraceful()
    if part.count > weights.size { try part.clear() }
    let isResumed = part.count > 0
    reporter.note(
      "\(isResumed ? "resuming at \(part.count) of" : "fetching") \(weights.size) bytes from \(address); "
        + "licence: \(weights.licence)")
    try receive(into: &part, &reporter)
    if isResumed, mismatch(part) != nil {
      reporter.note("the file has changed since an earlier run began to fetch it; fetching it from its beginning")
      try part.clear()
      try receive(into: &part, &reporter)
    }
    try check(&part)
    try part.commit(to: target)
    return target
  }

  /// Whether the file lies in its place, undamaged.
  private func isThere(_ reporter: inout TransferReporter) throws(CommandError) -> Bool {
    guard let path = cache.found(weights) else { return false }
    let digest = try digest(ofFile: path)
    if digest.hasPrefix(weights.sha256) {
      reporter.note("\(weights.name) is there already, and undamaged")
      return true
    }
    reporter.note("\(path) has the SHA-256 \(digest), not \(weights.sha256), and is fetched anew")
    return false
  }

  private func digest(ofFile path: String) throws(CommandError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw CommandError("cannot read \(path): \(FileSystem.reason())") }
    defer { close(descriptor) }
    var digest = SHA256()
    do throws(FileError) {
      try FileSystem.readAll(descriptor, path: path) { digest.update($0) }
    } catch {
      throw CommandError("cannot read \(path): \(error.reason)")
    }
    return digest.hexadecimal
  }

  /// Takes the bytes that the part lacks.
  private func receive(into part: inout PartFile, _ reporter: inout TransferReporter) throws {
    var resumptions = 0
    while part.count < weights.size {
      let start = part.count
      do throws(Curl.Failure) {
        try curl.transfer(address, from: start) { (bytes) throws(CommandError) in
          guard bytes.count <= weights.size - part.count else {
            try part.clear()
            throw CommandError(
              "\(address) is not \(weights.name): it holds more than the \(weights.size) bytes expected; "
                + "nothing of it is kept")
          }
          try part.append(bytes)
          reporter.progressed(to: part.count, of: weights.size)
        }
        return
      } catch {
        switch error {
        case .cannotResume where start > 0:
          reporter.note("the server does not resume at \(start) bytes; fetching the file from its beginning")
          try part.clear()
        case .brokenOff where part.count > start && resumptions < Self.mostResumptions:
          resumptions += 1
          reporter.note("the connection broke off at \(part.count) of \(weights.size) bytes; resuming")
        default: throw explained(error, kept: part.count)
        }
      }
    }
  }

  /// What is wrong with the bytes; nil where they are those of the weights.
  private func mismatch(_ part: borrowing PartFile) -> String? {
    let digest = part.digest.hexadecimal
    if part.count == weights.size, digest.hasPrefix(weights.sha256) { return nil }
    return "\(part.count) bytes of SHA-256 \(digest), expected \(weights.size) of \(weights.sha256)"
  }

  /// Throws, and empties the part, where it is not what it should be.
  private func check(_ part: inout PartFile) throws {
    if let mismatch = mismatch(part) {
      try part.clear()
      throw CommandError("\(address) is not \(weights.name): \(mismatch); nothing of it is kept")
    }
    do {
      let file = try WeightFile(path: part.path)
      guard file.entry(weights.network.characteristicTensor) != nil else {
        throw CommandError(
          "\(part.path) lacks the tensor \(weights.network.characteristicTensor) of a \(weights.network.rawValue)")
      }
    } catch {
      try part.clear()
      throw CommandError("\(address) is no weight file for limn \(weights.network.command): \(error)")
    }
  }

  /// The failure as a sentence for a user.
  private func explained(_ failure: Curl.Failure, kept: Int) -> any Error {
    let resume = kept > 0 ? "; \(kept) bytes are kept, and the next limn weights fetch \(weights.name) resumes" : ""
    switch failure {
    case .missing:
      return CommandError(
        "cannot fetch \(weights.name): curl is not installed, or not in PATH; "
          + "install it, or fetch \(address) by other means and save it as \(target)")
    case .notStarted(let reason): return CommandError("cannot fetch \(weights.name): cannot start curl: \(reason)")
    case .cannotResume:
      return CommandError("cannot fetch \(address): the server refuses a range that was not asked for")
    case .brokenOff(let reason), .failed(let reason): return CommandError("cannot fetch \(address): \(reason)\(resume)")
    case .signalled(let number):
      if [SIGINT, SIGTERM, SIGHUP].contains(number) { return CancellationError() }
      return CommandError("cannot fetch \(address): signal \(number) ended curl\(resume)")
    case .refused(let error): return error
    case .cancelled: return CancellationError()
    }
  }
}
