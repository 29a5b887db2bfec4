import TestSupport

@testable import limn

enum Fakes {
  static func reporter(
    _ log: Log = Log(), total: Int = 1, isQuiet: Bool = false, isTerminal: Bool = false
  ) -> Reporter {
    Reporter(total: total, isQuiet: isQuiet, isTerminal: isTerminal) { log.append($0) }
  }
}
