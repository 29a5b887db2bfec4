import Annotate
import Files
import Glibc

/// Transfers by the program `curl`, which knows proxies, certificates and redirects as its user has set them up.
struct Curl: Sendable {
  /// Why a transfer did not come to its end.
  enum Failure: Error, Equatable {
    /// The program is not there.
    case missing
    /// The program could not be started.
    case notStarted(reason: String)
    /// The server does not continue from where the file stands.
    case cannotResume
    /// The connection ended before the transfer did.
    case brokenOff(reason: String)
    /// Anything else that curl says.
    case failed(reason: String)
    /// A signal ended curl.
    case signalled(Int32)
    /// The receiver wants no more of it.
    case refused(CommandError)
    /// The task was cancelled.
    case cancelled
  }

  /// Exit codes of curl for a connection that ended early: the file is partial, too slow for a minute, an empty reply,
  /// failures in sending, receiving and in streams of HTTP/2 and 3.
  private static let brokenOff: Set<Int32> = [18, 28, 52, 55, 56, 92, 95]
  private static let unsupportedProtocol: Int32 = 1
  private static let httpError: Int32 = 22
  private static let rangeError: Int32 = 33

  /// What is looked for in `PATH`.
  var program = "curl"
  /// The variables it is started with; those of this process where nil.
  var environment: [String]?

  /// Transfers what lies at an address.
  ///
  /// - Parameters:
  ///   - start: how many bytes from its beginning to leave out.
  ///   - receive: takes the bytes as they come; what it throws ends the transfer.
  func transfer(
    _ address: String, from start: Int, receive: (UnsafeRawBufferPointer) throws(CommandError) -> Void
  ) throws(Failure) {
    let output = try Channel()
    let errors = try Channel()
    let process = try spawn(Self.arguments(address, from: start), output: output, errors: errors)
    output.closeWriting()
    errors.closeWriting()
    var stop: Failure?
    do throws(CommandError) {
      if try !output.readAll(receive) { stop = .cancelled }
    } catch {
      stop = .refused(error)
    }
    if stop != nil { kill(process, SIGTERM) }
    var message: [UInt8] = []
    // What curl says fits into the channel's buffer, so reading it last holds nobody up.
    _ = try? errors.readAll { message += $0 }
    let status = Self.wait(for: process)
    if let stop { throw stop }
    try Self.check(status, message: String(decoding: message, as: UTF8.self))
  }

  /// The command line for one transfer.
  ///
  /// A redirect cannot lead from https to http.
  static func arguments(_ address: String, from start: Int) -> [String] {
    let protocols = address.lowercased().hasPrefix("https:") ? "=https" : "=http,https"
    // --disable comes first: a .curlrc may hold options that change what is written.
    var arguments = ["--disable", "--silent", "--show-error", "--fail", "--globoff", "--no-buffer"]
    arguments += ["--location", "--max-redirs", "10", "--proto", protocols]
    arguments += ["--connect-timeout", "30", "--speed-limit", "1", "--speed-time", "60"]
    if start > 0 { arguments += ["--continue-at", String(start)] }
    return arguments + ["--output", "-", "--url", address]
  }

  private func spawn(_ arguments: [String], output: Channel, errors: Channel) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)

    // Limn ignores these signals or takes them in another thread; curl is to end by them.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGINT, SIGTERM, SIGPIPE] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var process: pid_t = 0
    let code = Self.withCStrings([program] + arguments) { arguments in
      guard let environment else {
        return posix_spawnp(&process, program, &actions, &attributes, arguments, environ)
      }
      return Self.withCStrings(environment) {
        posix_spawnp(&process, program, &actions, &attributes, arguments, $0)
      }
    }
    switch code {
    case 0: return process
    case ENOENT: throw .missing
    default: throw .notStarted(reason: FileSystem.reason(code))
    }
  }

  /// Calls with the texts as C holds lists of them.
  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return body(pointers)
  }

  private static func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// Throws what the status of a process that has ended says.
  static func check(_ status: Int32, message: String) throws(Failure) {
    let signal = status & 0x7F
    guard signal == 0 else { throw .signalled(signal) }
    let code = status >> 8 & 0xFF
    if code == 0 { return }
    let reason = sentence(message, code: code)
    switch code {
    case rangeError: throw .cannotResume
    case unsupportedProtocol:
      throw .failed(reason: "\(reason) (redirects are followed from https to https alone, from http to both)")
    case httpError where reason.hasSuffix(" 416"): throw .cannotResume
    case let code where brokenOff.contains(code): throw .brokenOff(reason: reason)
    default: throw .failed(reason: reason)
    }
  }

  /// What curl said, without its name and code.
  private static func sentence(_ message: String, code: Int32) -> String {
    guard let line = message.split(whereSeparator: \.isNewline).last else { return "curl ended with code \(code)" }
    let prefix = "curl: (\(code)) "
    return line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : String(line)
  }
}
