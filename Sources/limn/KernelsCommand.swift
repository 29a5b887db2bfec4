import Annotate
import ArgumentParser

struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Shows the instruction-set levels of this CPU, the one in use, and the speed of each in GFLOP/s.")

  func run() throws {
    let report: String
    do {
      report = try KernelReport.text()
    } catch {
      throw CommandError("\(error)")
    }
    try StandardOutput.write(report)
  }
}
