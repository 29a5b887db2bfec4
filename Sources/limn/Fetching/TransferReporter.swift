import Files

/// Tells a person how a transfer goes: notes unless quiet, progress on a terminal.
struct TransferReporter: Sendable {
  private static let barWidth = 24
  private static let interval = Duration.milliseconds(100)

  private let isQuiet: Bool
  private let showsBar: Bool
  private let write: @Sendable (String) -> Void
  private var start: (instant: ContinuousClock.Instant, count: Int)?
  private var lastDrawn: ContinuousClock.Instant?

  /// Prepares to report.
  ///
  /// - Parameter write: where the text goes, standard error if not given.
  init(
    isQuiet: Bool = false, isTerminal: Bool = StandardError.isTerminal,
    write: @escaping @Sendable (String) -> Void = StandardError.write
  ) {
    self.isQuiet = isQuiet
    showsBar = isTerminal && !isQuiet
    self.write = write
  }

  /// Says something that is no failure.
  mutating func note(_ text: String) {
    if isQuiet { return }
    end()
    write("limn: \(text.printable)\n")
  }

  /// Shows that `count` bytes of `total` are there.
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

  /// Removes the progress.
  mutating func end() {
    if lastDrawn != nil { write("\r\u{1B}[K") }
    lastDrawn = nil
  }
}
