import TestSupport
import Testing

@testable import limn

@Suite struct TransferReporterTests {
  @Test func withoutATerminalNotesAloneAreWritten() {
    let log = Log()
    var reporter = TransferReporter(isTerminal: false) { log.append($0) }
    reporter.progressed(to: 1, of: 2)
    reporter.note("a \u{1B} note")
    reporter.end()
    #expect(log.all == ["limn: a \\u{1B} note\n"])
  }

  @Test func quietIsSilent() {
    let log = Log()
    var reporter = TransferReporter(isQuiet: true, isTerminal: true) { log.append($0) }
    reporter.progressed(to: 1, of: 2)
    reporter.note("a note")
    reporter.end()
    #expect(log.all.isEmpty)
  }

  @Test func aTerminalShowsABarThatMakesWayForNotes() throws {
    let log = Log()
    var reporter = TransferReporter(isTerminal: true) { log.append($0) }
    reporter.progressed(to: 5_000_000, of: 10_000_000)
    reporter.note("a note")
    reporter.progressed(to: 10_000_000, of: 10_000_000)
    reporter.end()
    #expect(log.all.first?.hasPrefix("\r\u{1B}[K[############............] 5.0 MB of 10.0 MB") == true)
    #expect(log.all.dropFirst().prefix(2) == ["\r\u{1B}[K", "limn: a note\n"])
    #expect(log.all.dropFirst(3).first?.contains("[########################] 10.0 MB of 10.0 MB, ") == true)
    #expect(log.all.last == "\r\u{1B}[K")
  }
}
