import Annotate
import ArgumentParser

struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Shows the levels that this CPU has, the one in use, and the GFLOP/s of each on real layer shapes.")

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
