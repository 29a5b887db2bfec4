import ArgumentParser
import Glibc

/// Answers `check IN OUT` and `run` lines, a line each, until standard input ends; `run` with the seconds it took.
func serve(check: (_ input: String, _ output: String) throws -> Void, run: () throws -> Void) {
  while let line = readLine() {
    let words = line.split(separator: " ").map(String.init)
    do {
      switch words.first {
      case "run":
        let elapsed = try ContinuousClock().measure { try run() }
        print(elapsed / .seconds(1))
      case "check" where words.count == 3:
        try check(words[1], words[2])
        print("ok")
      default: print("error unknown request '\(line)'")
      }
    } catch {
      print("error \(error)")
    }
    fflush(nil)
  }
}

/// Writes numbers as they lie in memory: little-endian.
func write<Number: BitwiseCopyable>(_ values: [Number], to path: String) throws {
  guard let file = fopen(path, "wb") else { throw ValidationError("cannot write \(path)") }
  defer { fclose(file) }
  guard fwrite(values, MemoryLayout<Number>.stride, values.count, file) == values.count else {
    throw ValidationError("cannot write \(path)")
  }
}
