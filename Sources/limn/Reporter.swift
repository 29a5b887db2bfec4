import Files

/// Reports a run to the user: failures always, notes unless quiet, and a progress bar on a terminal.
struct Reporter: Sendable {
  private static let barWidth = 24
  private static let interval = Duration.milliseconds(100)

  private let total: Int
  private let isQuiet: Bool
  private let showsBar: Bool
  private let showsResult: Bool
  private let write: @Sendable (String) -> Void
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var count = 0

  /// Makes a reporter for `total` images.
  ///
  /// - Parameter write: Writes the text, by default to standard error.
  init(
    total: Int, isQuiet: Bool = false, isTerminal: Bool = StandardError.isTerminal,
    write: @escaping @Sendable (String) -> Void = StandardError.write
  ) {
    self.total = total
    self.isQuiet = isQuiet
    showsBar = isTerminal && !isQuiet && total > 1
    showsResult = isTerminal && !isQuiet
    self.write = write
  }

  /// Counts a completed image.
  mutating func finished() {
    count += 1
    draw()
  }

  /// Counts a failed input and writes the reason, which names the input.
  mutating func failed(reason: String) {
    clear()
    write("limn: \(reason.printable)\n")
    count += 1
    draw()
  }

  /// Writes a note.
  mutating func note(_ text: String) {
    if isQuiet { return }
    clear()
    write("limn: \(text.printable)\n")
  }

  /// Writes the result of the run, on a terminal: a script reads the exit code.
  mutating func result(_ text: String) {
    guard showsResult else { return }
    clear()
    write("limn: \(text.printable)\n")
  }

  /// Removes the progress bar.
  mutating func end() { clear() }

  private mutating func clear() {
    if lastDrawn != nil { write("\r\u{1B}[K") }
    lastDrawn = nil
  }

  private mutating func draw() {
    guard showsBar else { return }
    let now = ContinuousClock.now
    if let lastDrawn, now - lastDrawn < Self.interval, count < total { return }
    let filled = Self.barWidth * count / total
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
    let elapsed = (now - start) / .seconds(1)
    let rate = elapsed > 0 ? (Double(count) / elapsed * 10).rounded() / 10 : 0
    write("\r\u{1B}[K[\(bar)] \(count)/\(total), \(rate) images/s")
    lastDrawn = now
  }
}
