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
}
