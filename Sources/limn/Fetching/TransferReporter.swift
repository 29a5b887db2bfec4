import Files

/// Reports a transfer to the user: notes unless quiet, and a progress bar on a terminal.
struct TransferReporter: Sendable {
  private static let barWidth = 24
  private static let interval = Duration.milliseconds(100)

  private let isQuiet: Bool
  private let showsBar: Bool
  private let write: @Sendable (String) -> Void
  private var start: (instant: ContinuousClock.Instant, count: Int)?
  private var lastDrawn: ContinuousClock.Instant?

  /// Makes a reporter.
  ///
  /// - Parameter write: Writes the text, by default to standard error.
  init(
    isQuiet: Bool = false, isTerminal: Bool = StandardError.isTerminal,
    write: @escaping @Sendable (String) -> Void = StandardError.write
  ) {
    self.isQuiet = isQuiet
    showsBar = isTerminal && !isQuiet
    self.write = write
  }

  /// Writes a note.
  mutating func note(_ text: String) {
    if isQuiet { return }
    end()
    write("limn: \(text.printable)\n")
  }

  /// Shows that `count` of `total` bytes have been fetched.
  mutating func progressed(to count: Int, of total: Int) {
    guard showsBar else { return }
    let now = ContinuousClock.now
    let start = start ?? (now, count)
    self.start = start
    if let lastDrawn, now - lastDrawn < Self.interval, count < total { return }
    let filled = Self.barWidth * min(count, total) / max(total, 1)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
    let elapsed = (now - start.instant) / .seconds(1)
    let rate = elapsed > 0 ? ", \(Megabytes.text(Int(Double(count - start.count) / elapsed)))/s" : ""
    write("\r\u{1B}[K[\(bar)] \(Megabytes.text(count)) of \(Megabytes.text(total))\(rate)")
    lastDrawn = now
  }

  /// Removes the progress bar.
  mutating func end() {
    if lastDrawn != nil { write("\r\u{1B}[K") }
    lastDrawn = nil
  }
}
