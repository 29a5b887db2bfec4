import Annotate
import Files
import Glibc

/// Fetches official weights into the cache. An interrupted fetch is resumed, and a file is checked before it is put in
/// its place.
struct WeightFetch: Sendable {
  /// The largest number of broken connections that are resumed in one run, each only if it transferred anything.
  private static let mostResumptions = 5

  /// The weights to fetch.
  var weights: OfficialWeights
  /// The cache to fetch into.
  var cache: WeightCache
  /// The address of a mirror to fetch from, or nil for the authors' server.
  var mirror: String?
  /// The program that fetches.
  var curl = Curl()

  private var address: String { weights.address(mirror: mirror) }
  private var target: String { cache.path(of: weights) }

  /// Fetches the file unless it is already in the cache, and returns its path.
  ///
  /// - Throws: `CommandError` with a sentence for the user, `CancellationError` if a signal ended the transfer.
  func run(reporter: inout TransferReporter) throws -> String {
    defer { reporter.end() }
    do throws(FileError) {
      try FileSystem.makeFolders(cache.folder)
    } catch {
      throw CommandError("cannot create the folder \(cache.folder): \(error.reason)")
    }
    let before = FileIdentity(path: target)
    if try isThere(&reporter) { return target }
    var part = try PartFile(path: target + ".part") {
      reporter.note("another process is fetching \(weights.name); waiting for it")
    }
    // Another process may have fetched it meanwhile.
    if FileIdentity(path: target) != before, try isThere(&reporter) { return target }
    // From here on, an interrupt ends curl first.
    Interruption.current?.becomeGraceful()
    if part.count > weights.size { try part.clear() }
    let isResumed = part.count > 0
    reporter.note(
      "\(isResumed ? "resuming at \(part.count) of" : "fetching") \(weights.size) bytes from \(address); "
        + "licence: \(weights.licence)")
    try receive(into: &part, &reporter)
    if isResumed, mismatch(part) != nil {
      reporter.note("the file has changed since an earlier run started to fetch it; fetching it again from the start")
      try part.clear()
      try receive(into: &part, &reporter)
    }
    try check(&part)
    try part.commit(to: target)
    return target
  }

  /// Whether the file is in the cache with the right SHA-256.
  private func isThere(_ reporter: inout TransferReporter) throws(CommandError) -> Bool {
    guard let path = cache.found(weights) else { return false }
    let digest = try digest(ofFile: path)
    if digest.hasPrefix(weights.sha256) {
      reporter.note("\(weights.name) is already in the cache, with the right SHA-256")
      return true
    }
    reporter.note("\(path) has the SHA-256 \(digest), not \(weights.sha256); fetching it again")
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

  /// Fetches the bytes that the part file lacks.
  private func receive(into part: inout PartFile, _ reporter: inout TransferReporter) throws {
    var resumptions = 0
    while part.count < weights.size {
      let start = part.count
      do throws(Curl.Failure) {
        try curl.transfer(address, from: start) { (bytes) throws(CommandError) in
          guard bytes.count <= weights.size - part.count else {
            try part.clear()
            throw CommandError(
              "\(address) is not \(weights.name): it has more than the expected \(weights.size) bytes; "
                + "nothing is kept")
          }
          try part.append(bytes)
          reporter.progressed(to: part.count, of: weights.size)
        }
        return
      } catch {
        switch error {
        case .cannotResume where start > 0:
          reporter.note("the server cannot resume at \(start) bytes; fetching the file again from the start")
          try part.clear()
        case .brokenOff where part.count > start && resumptions < Self.mostResumptions:
          resumptions += 1
          reporter.note("the connection broke off at \(part.count) of \(weights.size) bytes; resuming")
        default: throw explained(error, kept: part.count)
        }
      }
    }
  }

  /// The difference of the fetched bytes from those of the weights, or nil if there is none.
  private func mismatch(_ part: borrowing PartFile) -> String? {
    let digest = part.digest.hexadecimal
    if part.count == weights.size, digest.hasPrefix(weights.sha256) { return nil }
    return "it has \(part.count) bytes with the SHA-256 \(digest), expected \(weights.size) with \(weights.sha256)"
  }

  /// Clears the part file and throws if it is not the weight file that it should be.
  private func check(_ part: inout PartFile) throws {
    if let mismatch = mismatch(part) {
      try part.clear()
      throw CommandError("\(address) is not \(weights.name): \(mismatch); nothing is kept")
    }
    do {
      let file = try WeightFile(path: part.path)
      guard file.network == .supported(weights.architecture) else {
        throw WeightFileError.otherNetwork(
          path: part.path, found: file.network, expected: weights.architecture)
      }
    } catch {
      try part.clear()
      throw CommandError("\(address) is not a weight file for `limn \(weights.architecture.command)`: \(error)")
    }
  }

  /// The failure as a sentence for the user.
  private func explained(_ failure: Curl.Failure, kept: Int) -> any Error {
    let resume = kept > 0 ? "; \(kept) bytes are kept: `limn weights fetch \(weights.name)` resumes there" : ""
    switch failure {
    case .missing:
      return CommandError(
        "cannot fetch \(weights.name): curl is not installed, or not in PATH; "
          + "install it, or download \(address) with another program and save it as \(target)")
    case .notStarted(let reason): return CommandError("cannot fetch \(weights.name): cannot start curl: \(reason)")
    case .cannotResume:
      return CommandError("cannot fetch \(address): the server answered with a wrong range of bytes")
    case .brokenOff(let reason), .failed(let reason):
      let otherwise = kept > 0 ? "" : "; download it elsewhere and save it as \(target), or set LIMN_WEIGHTS_MIRROR"
      return CommandError("cannot fetch \(address): \(reason)\(resume)\(otherwise)")
    case .signalled(let number):
      if [SIGINT, SIGTERM, SIGHUP].contains(number) { return CancellationError() }
      return CommandError("cannot fetch \(address): signal \(number) ended curl\(resume)")
    case .refused(let error): return error
    case .cancelled: return CancellationError()
    }
  }
}
