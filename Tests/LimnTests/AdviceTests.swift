import Annotate
import Testing

@testable import limn

@Suite struct AdviceTests {
  @Test(arguments: [
    // Names of other tools; the parser's own hint would change another threshold.
    (
      "Error: Unknown option '--conf'. Did you mean '--iou'?",
      "Error: Unknown option '--conf'. Did you mean '--confidence'?"
    ),
    ("Error: Unknown option '--conf-thres'", "Error: Unknown option '--conf-thres'. Did you mean '--confidence'?"),
    (
      "Error: Unknown option '--imgsz'. Did you mean '--iou'?",
      "Error: Unknown option '--imgsz'. Did you mean '--size'?"
    ),
    ("Error: Unknown option '--out'. Did you mean '--iou'?", "Error: Unknown option '--out'. Did you mean '--output'?"),
    // Hints that are far off go.
    ("Error: Unknown option '--source'. Did you mean '--square'?", "Error: Unknown option '--source'"),
    // Slips keep theirs.
    (
      "Error: Unknown option '--confidnce'. Did you mean '--confidence'?",
      "Error: Unknown option '--confidnce'. Did you mean '--confidence'?"
    ),
    (
      "Error: Unknown option '--treads'. Did you mean '--threads'?",
      "Error: Unknown option '--treads'. Did you mean '--threads'?"
    ),
    (
      "Error: Unknown option '--ouptut'. Did you mean '--output'?",
      "Error: Unknown option '--ouptut'. Did you mean '--output'?"
    ),
    (
      "Error: Unknown option '--overlays'. Did you mean '--overlay'?",
      "Error: Unknown option '--overlays'. Did you mean '--overlay'?"
    ),
    // All else stays.
    ("Error: Unknown option '-x'\nUsage: limn", "Error: Unknown option '-x'\nUsage: limn"),
    ("Error: Missing value for '--size <size>'", "Error: Missing value for '--size <size>'"),
    ("", ""),
  ])
  func hints(_ message: String, _ improved: String) {
    #expect(Advice.improved(message) == improved)
  }

  @Test func commandsThatDoNotExist() {
    let commands = ["detect", "segment"]
    #expect(
      Advice.unknownCommand(["detct", "a.jpg"], commands: commands)
        == "there is no command 'detct'; did you mean detect? The commands are detect, segment")
    #expect(
      Advice.unknownCommand(["photo.jpg"], commands: commands)
        == "there is no command 'photo.jpg'; the commands are detect, segment")
    for arguments in [[], ["detect", "x"], ["--help"], ["help", "x"], ["-h"]] {
      #expect(Advice.unknownCommand(arguments, commands: commands) == nil)
    }
  }

  @Test(.enabled(if: CommandProcess.path != nil, "no command beside the tests: its process is not tested"))
  func theCommandGivesThem() throws {
    let option = try CommandProcess.run(#""$0" detect --conf 0.4 x.jpg"#)
    #expect(option.status == 2)
    #expect(option.errors.hasPrefix("Error: Unknown option '--conf'. Did you mean '--confidence'?\n"))
    let command = try CommandProcess.run(#""$0" detct x.jpg"#)
    #expect(command.status == 2)
    #expect(
      command.errors
        == "limn: there is no command 'detct'; did you mean detect? The commands are detect, segment, circles, weights, "
        + "kernels\n")
  }

  /// The library does not know the commands.
  @Test func errorsOfTheLibraryNameTheCommandThatHelps() {
    let other = WeightFileError.otherNetwork(path: "a.pt", found: .supported(.maskRCNN), expected: .yolov5)
    #expect(Advice.explained(other, for: .annotating) == "a.pt has a Mask R-CNN, not a YOLOv5; use `limn segment`")
    #expect(
      Advice.explained(other, for: .quantizing) == "a.pt has a Mask R-CNN, not a YOLOv5, and there is no int8 for it")
    let boxes = WeightFileError.otherNetwork(path: "a.pt", found: .supported(.yolov5), expected: .maskRCNN)
    #expect(Advice.explained(boxes, for: .annotating) == "a.pt has a YOLOv5, not a Mask R-CNN; use `limn detect`")
    let foreign = WeightFileError.otherNetwork(path: "a.pt", found: .unsupported("a YOLOX"), expected: .yolov5)
    for purpose in [Advice.Purpose.annotating, .quantizing] {
      #expect(Advice.explained(foreign, for: purpose) == foreign.description)
      #expect(
        Advice.explained(WeightFileError.uncalibrated(path: "a.pt", map: nil), for: purpose)
          == "a.pt has not been calibrated for int8; `limn weights quantize` calibrates it")
    }
    #expect(
      Advice.explained(WeightFileError.uncalibrated(path: "a.pt", map: "model.3"), for: .annotating)
        == "a.pt has not been calibrated for int8 completely: the range of the map model.3 is missing; "
        + "`limn weights quantize` calibrates it")
  }

  @Test func everyArchitectureHasACommand() {
    let commands = Limn.configuration.subcommands.map { $0.configuration.commandName }
    #expect(Architecture.all.map(\.command) == ["detect", "segment"])
    #expect(Architecture.all.allSatisfy { commands.contains($0.command) })
  }
}
