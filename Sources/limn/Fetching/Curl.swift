import Annotate
import Files
import Glibc

/// Fetches files with the program `curl`, which uses the proxies and certificates that the user has set up.
struct Curl: Sendable {
  /// The reason why a transfer was not completed.
  enum Failure: Error, Equatable {
    /// The program `curl` was not found.
    case missing
    /// The program could not be started.
    case notStarted(reason: String)
    /// The server cannot resume at the requested byte.
    case cannotResume
    /// The connection ended before the transfer was complete.
    case brokenOff(reason: String)
    /// Any other error of curl.
    case failed(reason: String)
    /// A signal ended curl.
    case signalled(Int32)
    /// The receiver refused the bytes.
    case refused(CommandError)
    /// The task was cancelled.
    case cancelled
  }

  /// Exit codes of curl for a connection that ended early: a partial file, less than a byte per second for a minute, an
  /// empty reply, and failures of sending, receiving and streams of HTTP/2 and 3.
  private static let brokenOff: Set<Int32> = [18, 28, 52, 55, 56, 92, 95]
  private static let unsupportedProtocol: Int32 = 1
  private static let httpError: Int32 = 22
  private static let rangeError: Int32 = 33

  /// The program to find in `PATH`.
  var program = "curl"
  /// The program's environment variables, or nil for those of this process.
  var environment: [String]?

  /// Fetches a file.
  ///
  /// - Parameters:
  ///   - address: The file's address.
  ///   - start: The number of bytes to skip at the start.
  ///   - receive: Called with the bytes as they arrive. An error it throws ends the transfer.
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
    // curl's messages fit into the channel's buffer, so they can be read last.
    _ = try? errors.readAll { message += $0 }
    let status = Self.wait(for: process)
    if let stop { throw stop }
    try Self.check(status, message: String(decoding: message, as: UTF8.self))
  }

  /// The arguments of curl for one transfer. A redirect from https to http is not followed.
  static func arguments(_ address: String, from start: Int) -> [String] {
    let protocols = address.lowercased().hasPrefix("https:") ? "=https" : "=http,https"
    // --disable must be first: a .curlrc may have options that change the output.
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

    // Limn ignores or handles these signals, but they must end curl.
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

  /// Calls `body` with the strings as a null-terminated list of C strings.
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

  /// Throws the failure that the exit status of curl stands for, if any.
  static func check(_ status: Int32, message: String) throws(Failure) {
    let signal = status & 0x7F
    guard signal == 0 else { throw .signalled(signal) }
    let code = status >> 8 & 0xFF
    if code == 0 { return }
    let reason = sentence(message, code: code)
    switch code {
    case rangeError: throw .cannotResume
    case unsupportedProtocol:
      throw .failed(reason: "\(reason) (redirects from https are followed only to https)")
    case httpError where reason.hasSuffix(" 416"): throw .cannotResume
    case let code where brokenOff.contains(code): throw .brokenOff(reason: reason)
    default: throw .failed(reason: reason)
    }
  }

  /// curl's error message, without its name and code.
  private static func sentence(_ message: String, code: Int32) -> String {
    guard let line = message.split(whereSeparator: \.isNewline).last else {
      return "curl failed with exit code \(code)"
    }
    let prefix = "curl: (\(code)) "
    return line.hasPrefix(prefix) ? String(line.dropFirst(prefix.count)) : String(line)
  }
}
