import Annotate
import ArgumentParser
import Testing

@testable import limn

@Suite struct LimnTests {
  private func detect(_ arguments: String...) throws -> DetectCommand {
    try #require(try Limn.parseAsRoot(["detect"] + arguments) as? DetectCommand)
  }

  @Test func defaultsAreThoseOfTheContract() throws {
    let command = try detect("bus.jpg")
    #expect(command.network.input.inputs == ["bus.jpg"])
    #expect(command.output.format == .json)
    #expect(command.output.output == nil && command.output.overlay == nil)
    #expect(command.output.vocBase == .one)
    #expect(!command.output.quiet && !command.output.failFast)
    #expect(command.confidence == 0.25 && command.iou == 0.45 && command.maxDetections == 1000)
    #expect(command.size == 640 && command.roundedSize == 640)
    #expect(!command.square && !command.agnostic && !command.multiLabel)
    #expect(command.network.classFilter == ClassFilter())
    #expect(command.network.weights == nil && command.network.input.threads == nil)
  }

  @Test func everyOptionIsRead() throws {
    let command = try detect(
      "-", "a", "-w", "w.pt", "-f", "coco-results", "-o", "out.json", "--overlay", "drawn", "--confidence", "0.001",
      "--iou",
      "0.6", "--max-detections", "300", "--classes", "hot dog, cat", "--classes", "7,", "--exclude", "0", "--agnostic",
      "--multi-label", "--size", "641", "--square", "--precision", "float32", "--threads", "2", "--quiet",
      "--fail-fast",
      "--voc-base", "0")
    #expect(command.network.input.inputs == ["-", "a"])
    #expect(command.network.weights == "w.pt")
    let job = command.output.job()
    let output = try #require(job.outputs.first)
    guard case .file("out.json") = output.target else {
      Issue.record("\(output.target)")
      return
    }
    #expect(output.format == .cocoResults && output.options.vocBase == .zero && job.outputs.count == 1)
    #expect(job.overlay == "drawn" && job.stopsAtFirstFailure)
    #expect(command.confidence == 0.001 && command.iou == 0.6 && command.maxDetections == 300)
    #expect(command.network.classFilter == ClassFilter(included: ["hot dog", "cat", "7"], excluded: ["0"]))
    #expect(command.agnostic && command.multiLabel && command.square && command.output.quiet)
    #expect(command.size == 641 && command.roundedSize == 672 && command.network.input.threads == 2)
  }

  @Test(arguments: [
    ["detect"], ["detect", "a", "--bogus"], ["bogus"], ["detect", "a", "--confidence", "nan"],
    ["detect", "a", "--confidence", "1.01"], ["detect", "a", "--confidence=-0.1"], ["detect", "a", "--iou", "inf"],
    ["detect", "a", "--iou", "x"], ["detect", "a", "--max-detections", "0"], ["detect", "a", "--size", "0"],
    ["detect", "a", "--size", "4097"], ["detect", "a", "--size", "9223372036854775807"],
    ["detect", "a", "--threads", "0"], ["detect", "a", "--threads", "257"], ["detect", "a", "--classes", ","],
    ["detect", "a", "--classes", " "], ["detect", "a", "--classes", ""], ["detect", "a", "--exclude", " , "],
    ["detect", "a", "-w", ""], ["segment", "a", "-w", ""], ["detect", "a", "-o", ""],
    ["detect", "a", "-f", "yolo", "-o", ""], ["detect", "a", "--overlay", ""],
    ["detect", "a", "-f", "voc", "-o", "-"], ["detect", "a", "-f", "yolo", "-o", "/dev/null"],
    ["detect", "a", "--format", "xml"], ["detect", "a", "--format", "voc"], ["detect", "a", "--voc-base", "2"],
    ["detect", "a", "--precision", "int8"], ["detect", "a", "-o", "/"], ["detect", ""], ["weights", "inspect"],
    ["weights", "convert", "a.pt"], ["weights", "convert", "a.pt", "b.pt"], ["kernels", "now"],
    ["detect", "/no/such/image.jpg", "-w", "w.pt"], ["weights", "inspect", "/no/such/file.pt"],
  ])
  func whatCannotStartExitsWithTwo(arguments: [String]) async {
    #expect(await Limn.run(arguments) == .status(2))
  }

  @Test(arguments: [
    ("--confidence", "must be 0 to 1, got -1.0"), ("--iou", "must be 0 to 1, got -1.0"),
    ("--max-detections", "at least 1, got -1"), ("--size", "1 to 4096, got -1"),
    ("--threads", "1 to 256, since each needs memory of its own, got -1"),
  ])
  func aNegativeNumberIsAValueOutOfRange(option: String, message: String) {
    let error = #expect(throws: (any Error).self) { try detect("a", option, "-1") }
    #expect(error.map { Limn.message(for: $0).contains(message) } == true)
  }

  @Test func aDashIsStandardOutput() throws {
    let command = try detect("a", "-o", "-")
    guard case .standardOutput = try #require(command.output.job().outputs.first).target else {
      Issue.record("not standard output")
      return
    }
  }

  @Test func namesOfClassesLoseTheWhiteSpaceAroundThem() throws {
    let command = try detect("a", "--classes", " hot dog , cat\t,", "--exclude", "dog ")
    #expect(command.network.classFilter == ClassFilter(included: ["hot dog", "cat"], excluded: ["dog"]))
  }

  @Test func errorsDecideHowTheProcessEnds() {
    #expect(Termination(ExitCode(1)) == .status(1))
    #expect(Termination(CancellationError()) == .interrupted)
    #expect(Termination(AnnotationError.outputClosed) == .outputClosed)
    #expect(Termination(AnnotationError.output(path: "a", reason: "b")) == .status(2))
    #expect(Termination(CleanExit.message("")) == .status(0))
  }
}
