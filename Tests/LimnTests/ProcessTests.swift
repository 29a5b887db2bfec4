import Annotate
import Foundation
import TestSupport
import Testing

/// What only a process of its own can show: descriptors, signals, the exit code.
@Suite(.enabled(if: CommandProcess.path != nil, "no command beside the tests: its process is not tested"))
struct ProcessTests {
  private func run(_ script: String) throws -> (status: Int32, output: String, errors: String) {
    try CommandProcess.run(script)
  }

  @Test func aClosedStandardOutputIsAnErrorNotAFile() throws {
    let result = try run(#"exec "$0" --version >&-"#)
    #expect(result.status == 2)
    #expect(result.errors == "limn: cannot write standard output: Bad file descriptor\n")
  }

  @Test func aClosedStandardInputIsAnErrorNotAFile() throws {
    let result = try run(#"exec "$0" detect - <&-"#)
    #expect(result.status == 2)
    #expect(result.errors == "limn: cannot read standard input: Bad file descriptor\n")
  }

  @Test func aClosedStandardErrorChangesNothing() throws {
    #expect(try run(#"exec "$0" --version 2>&-"#) == (0, "0.1.0\n", ""))
    #expect(try run(#"exec "$0" detect /no/such/image.jpg 2>&- >&- <&-"#) == (2, "", ""))
  }

  @Test func aReportFollowsTheRunOnStandardErrorFailuresIncluded() throws {
    let folder = try ScratchFolder()
    let gray = try Image(width: 40, height: 30, pixels: [UInt8](repeating: 90, count: 3600))
    try ImageFile.write(gray, to: folder.path + "/1.png")
    try ImageFile.write(gray, to: folder.path + "/2.png")
    let arguments = "circles '\(folder.path)' -f jsonl --quiet --report"
    let lines = ["1.png", "2.png"].map { #"{"image": "\#($0)", "width": 40, "height": 30, "detections": []}"# + "\n" }
    #expect(try run(#"exec "$0" "# + arguments) == (0, lines.joined(), "limn: no circle in 2 images\n"))
    try Data().write(to: URL(fileURLWithPath: folder.path + "/3.png"))
    let result = try run(#"exec "$0" "# + arguments)
    #expect(result.status == 1 && result.output.hasPrefix(lines.joined()))
    #expect(result.errors.hasSuffix("\nlimn: no circle in 2 images\n"))
    // Nothing is reported of a run that could not start.
    let nothing = try run(#"exec "$0" circles /no/such/image.jpg --report"#)
    #expect(nothing.status == 2 && !nothing.errors.contains("circle"))
  }

  /// A folder with a grey picture, 1.png.
  private func picture() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    let gray = try Image(width: 40, height: 30, pixels: [UInt8](repeating: 90, count: 3600))
    try folder.write(ImageFile.encodePNG(gray), to: "1.png")
    return folder
  }

  @Test func theListOnStandardInputIsNotReplaced() throws {
    let folder = try picture()
    let list = "\(folder.path)/1.png\n"
    let path = try folder.write(Array(list.utf8), to: "list.txt")
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: "list.txt")
    for output in ["list.txt", "link"] {
      let result = try CommandProcess.run(#"exec "$0" circles - -o \#(output) < list.txt"#, in: folder.path)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(
        result.errors == "limn: the output of format json, \(output), would replace the list of images\n")
      #expect(try folder.text("list.txt") == list)
    }
    // A list from a pipe replaces nothing.
    let piped = try CommandProcess.run(#"cat list.txt | "$0" circles - -o list.txt --quiet"#, in: folder.path)
    #expect(piped.status == 0 && piped.errors.isEmpty)
    #expect(try String(contentsOfFile: path, encoding: .utf8).hasPrefix("["))
  }

  @Test func theFileOfIDsIsReadAndNotReplaced() throws {
    let folder = try picture()
    let ids = #"{"images": [{"id": 77, "file_name": "1.png"}]}"#
    try folder.write(Array(ids.utf8), to: "ids.json")
    let result = try CommandProcess.run(
      #"exec "$0" circles 1.png -f coco --ids ids.json -o ids.json"#, in: folder.path)
    #expect(result.status == 2)
    #expect(result.errors == "limn: the output of format coco, ids.json, would replace the file of ids\n")
    #expect(try folder.text("ids.json") == ids)
    let coco = try CommandProcess.run(#"exec "$0" circles 1.png -f coco --ids ids.json --quiet"#, in: folder.path)
    #expect(coco.status == 0 && coco.output.contains(#"{"id": 77, "width": 40, "height": 30, "#))
    let none = try CommandProcess.run(#"exec "$0" circles 1.png -f coco --ids none.json"#, in: folder.path)
    #expect(none.status == 2 && none.output.isEmpty)
    #expect(none.errors.contains("none.json") && none.errors.contains("No such file or directory"))
  }

  @Test func whatIsPassedOverIsSaid() throws {
    let folder = try picture()
    for name in ["2.webp", "3.webp", "in/4.bmp", "Annotations/1.xml", "SegmentationClass/1.png"] {
      try folder.write(to: name)
    }
    let result = try CommandProcess.run(#"exec "$0" circles . -f jsonl"#, in: folder.path)
    #expect(result.status == 0 && result.output.split(separator: "\n").count == 1)
    #expect(
      result.errors == """
        limn: skipped, since only JPEG and PNG are supported: 1 .bmp, 2 .webp
        limn: skipped ./SegmentationClass: it holds the masks of a VOC data set

        """)
    let quiet = try CommandProcess.run(#"exec "$0" circles . -f jsonl --quiet"#, in: folder.path)
    #expect(quiet.status == 0 && quiet.errors.isEmpty)
    // Where nothing is left, it is said nevertheless.
    let none = try CommandProcess.run(#"exec "$0" circles in"#, in: folder.path)
    #expect(none.status == 2)
    #expect(
      none.errors == """
        limn: in: the folder has no JPEG or PNG image outside hidden and excluded folders
        limn: skipped, since only JPEG and PNG are supported: 1 .bmp
        limn: there is no image to annotate

        """)
  }

  @Test func aLevelThatDoesNotExistIsAnError() throws {
    let folder = try ScratchFolder()
    // An empty safetensors file: no tensors, no network.
    try Data([2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]).write(to: URL(fileURLWithPath: folder.path + "/w.safetensors"))
    for arguments in ["kernels", "weights inspect '\(folder.path)/w.safetensors'"] {
      let result = try run(#"LIMN_LEVEL=zzz exec "$0" "# + arguments)
      #expect(result.status == 2 && result.output.isEmpty)
      #expect(result.errors == "limn: LIMN_LEVEL is 'zzz'; the levels are baseline, avx2, avx512, avx512dot\n")
    }
  }

  /// The loader says which libraries it opens.
  @Test func openBLASIsLoadedOnlyWhereItIsUsed() throws {
    let folder = try picture()
    func isLoaded(_ script: String) throws -> Bool {
      let result = try run("LD_DEBUG=files " + script)
      #expect(result.status == 0 && result.errors.contains("libc.so.6"))
      return result.errors.contains("libopenblas")
    }
    let detect = #"exec "$0" detect '\#(folder.path)/1.png' --quiet"#
    #expect(try !isLoaded(#"exec "$0" --version"#))
    #expect(try !isLoaded(#"exec "$0" circles '\#(folder.path)/1.png' --quiet"#))
    for level in Engine.availableLevels.dropFirst() {
      #expect(try !isLoaded("LIMN_LEVEL=\(level.name) LIMN_OPENBLAS=on " + detect))
    }
    #expect(try !isLoaded("LIMN_LEVEL=baseline LIMN_OPENBLAS=off " + detect))
    if try Engine(level: .baseline, usesOpenBLAS: true).layerProducts.usesOpenBLAS {
      #expect(try isLoaded("LIMN_LEVEL=baseline LIMN_OPENBLAS=on " + detect))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func aSignalEndsTheReadingOfAListAtOnce(number: Int32) throws {
    let process = Process()
    let input = Pipe()
    process.executableURL = URL(fileURLWithPath: try #require(CommandProcess.path))
    process.arguments = ["detect", "-"]
    process.standardInput = input
    try process.run()
    // Time to install its handlers and to wait for the list.
    usleep(500_000)
    #expect(process.isRunning)
    kill(process.processIdentifier, number)
    let deadline = Date(timeIntervalSinceNow: 10)
    while process.isRunning, Date() < deadline { usleep(10_000) }
    let endedItself = !process.isRunning
    if !endedItself { process.terminate() }
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(endedItself)
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == number)
  }
}
