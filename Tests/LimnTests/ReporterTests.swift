import TestSupport
import Testing

@testable import limn

@Suite struct ReporterTests {
  @Test func withoutATerminalOnlyFailuresAndNotesAreWritten() {
    let log = Log()
    var reporter = Fakes.reporter(log, total: 3)
    reporter.note("a note")
    reporter.finished()
    reporter.failed(reason: "b.jpg: broken")
    reporter.finished()
    reporter.end()
    #expect(log.all == ["limn: a note\n", "limn: b.jpg: broken\n"])
  }

  @Test func quietKeepsFailures() {
    let log = Log()
    var reporter = Fakes.reporter(log, total: 2, isQuiet: true, isTerminal: true)
    reporter.note("a note")
    reporter.finished()
    reporter.failed(reason: "b.jpg: broken")
    reporter.end()
    #expect(log.all == ["limn: b.jpg: broken\n"])
  }

  @Test func aTerminalShowsABarThatMakesWayForFailures() {
    let log = Log()
    var reporter = Fakes.reporter(log, total: 2, isTerminal: true)
    reporter.finished()
    reporter.failed(reason: "b.jpg: broken")
    reporter.end()
    let text = log.all.joined()
    #expect(text.contains("[############............] 1/2, "))
    #expect(text.contains("\r\u{1B}[Klimn: b.jpg: broken\n\r\u{1B}[K[########################] 2/2, "))
    #expect(text.hasSuffix("\r\u{1B}[K"))
  }

  @Test func onlyATerminalReadsTheResult() {
    for (isQuiet, isTerminal) in [(false, true), (true, true), (false, false)] {
      let log = Log()
      var reporter = Fakes.reporter(log, total: 2, isQuiet: isQuiet, isTerminal: isTerminal)
      reporter.finished()
      reporter.finished()
      reporter.result("2 images, 5 detections: out.json")
      reporter.end()
      let ending = "\r\u{1B}[Klimn: 2 images, 5 detections: out.json\n"
      #expect(log.all.joined().hasSuffix(ending) == (isTerminal && !isQuiet))
    }
  }

  @Test func aFileNameCannotDriveTheTerminal() {
    let log = Log()
    var reporter = Fakes.reporter(log)
    reporter.failed(reason: "a\u{1B}[2J\n\u{9B}é\u{202E}gpj: broken")
    #expect(log.all == ["limn: a\\u{1B}[2J\\n\\u{009B}é\\u{202E}gpj: broken\n"])
  }
}
