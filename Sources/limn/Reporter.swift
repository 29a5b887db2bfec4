import Files

/// Tells a person how a run goes: failures always, notes unless quiet, a progress bar on a terminal.
struct Reporter: Sendable {
  private static let barWidth = 24
  private static let interval = Duration.milliseconds(100)

  private let total: Int
  private let isQuiet: Bool
  private let showsBar: Bool
  private let write: @Sendable (String) -> Void
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?
  private var count = 0

  /// Prepares to report on `total` images.
  ///
  /// - Parameter write: where the text goes, standard error if not given.
  init(
    total: Int, isQuiet: Bool = false, isTerminal: Bool = StandardError.isTerminal,
    write: @escaping @Sendable (String) -> Void = StandardError.write
  ) {
    self.total = total
    self.isQuiet = isQuiet
    showsBar = isTerminal && !isQuiet && total > 1
    self.write = write
  }

  /// Counts an image that is done.
  mutating func finished() {
    count += 1
    draw()
  }

  /// Counts an input that failed, and says why; the reason names it.
  mutating func failed(reason: String) {
    clear()
    write("limn: \(reason.printable)\n")
    count += 1
    draw()
  }

  /// Says something that is no failure.
  mutating func note(_ text: String) {
    if isQuiet { return }
    clear()
    write("limn: \(text.printable)\n")
  }

  /// Removes the bar.
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
