import Annotate
import Foundation
import TestSupport
import Testing

@testable import limn

@Suite struct CirclesTests {
  private func circles(_ arguments: String...) throws -> CirclesCommand {
    try #require(try Limn.parseAsRoot(["circles"] + arguments) as? CirclesCommand)
  }

  @Test func defaultsAreThoseOfTheContract() throws {
    let command = try circles("coins.jpg")
    #expect(command.input.inputs == ["coins.jpg"] && command.input.threads == nil)
    #expect(command.label == "coin" && !command.polygons && !command.report && !command.fastDecode)
    #expect(try command.options() == CircleDetector.Options())
    let options = try command.options()
    #expect(options.minRadius == 10 && options.maxRadius == 100 && options.minDistance == 20)
    #expect(options.edgeThreshold == 50 && options.votes == 30 && options.resolution == 1)
    #expect(options.blur == .gaussian(size: 9, sigma: 2) && options.maxSide == nil)
    #expect(options.confidence == 0 && options.maxDetections == .max)
  }

  @Test func everyOptionIsRead() throws {
    let command = try circles(
      "-", "a", "-f", "yolo", "-o", "out", "--overlay", "drawn", "--min-radius", "5", "--max-radius", "40",
      "--min-distance", "12.5", "--edge-threshold", "80", "--votes", "25", "--resolution", "1.5", "--blur", "median:5",
      "--label", "euro", "--max-side", "1280", "--fast-decode", "--confidence", "0.4", "--max-detections", "7",
      "--polygons", "--report",
      "--threads", "2", "--quiet", "--fail-fast", "--voc-base", "0")
    #expect(command.input.inputs == ["-", "a"] && command.input.threads == 2)
    let job = command.output.job()
    let output = try #require(job.outputs.first)
    guard case .folder("out") = output.target else {
      Issue.record("\(output.target)")
      return
    }
    #expect(output.format == .yolo && output.options.vocBase == .zero && job.outputs.count == 1)
    #expect(job.overlay == "drawn" && job.stopsAtFirstFailure)
    #expect(command.output.quiet && command.polygons && command.report && command.label == "euro")
    #expect(command.fastDecode)
    let options = try command.options()
    #expect(options.minRadius == 5 && options.maxRadius == 40 && options.minDistance == 12.5)
    #expect(options.edgeThreshold == 80 && options.votes == 25 && options.resolution == 1.5)
    #expect(options.blur == .median(size: 5) && options.maxSide == 1280)
    #expect(options.confidence == 0.4 && options.maxDetections == 7)
  }

  @Test(arguments: [
    ("0", Blur.none), ("1", .gaussian(size: 1, sigma: 0)), ("7", .gaussian(size: 7, sigma: 0)),
    ("31:0.5", .gaussian(size: 31, sigma: 0.5)), ("9:2", .gaussian(size: 9, sigma: 2)), ("median:3", .median(size: 3)),
    ("median:5", .median(size: 5)),
  ])
  func blursAreRead(text: String, blur: Blur) throws {
    #expect(try circles("a", "--blur", text).options().blur == blur)
  }

  @Test(arguments: [
    ("--blur", "8", "--blur needs an odd size of 1 to 31, or 0 for no blur, got 8"),
    ("--blur", "33", "--blur needs an odd size of 1 to 31, or 0 for no blur, got 33"),
    ("--blur", "-3", "--blur needs an odd size of 1 to 31, or 0 for no blur, got -3"),
    ("--blur", "0:2", "--blur needs an odd size of 1 to 31, or 0 for no blur, got 0"),
    ("--blur", "9:0", "--blur needs a sigma above 0, got 0.0"),
    ("--blur", "9:-1", "--blur needs a sigma above 0, got -1.0"),
    ("--blur", "9:inf", "--blur needs a sigma above 0, got inf"),
    ("--blur", "9:nan", "--blur needs a sigma above 0, got nan"),
    ("--blur", "median:7", "--blur median:SIZE needs a size of 3 or 5, got 7"),
    ("--blur", "median:4", "--blur median:SIZE needs a size of 3 or 5, got 4"),
    ("--blur", "median", "--blur must be 0, SIZE, SIZE:SIGMA or median:SIZE, got median"),
    ("--blur", "9:", "--blur must be 0, SIZE, SIZE:SIGMA or median:SIZE, got 9:"),
    ("--blur", "9:2:1", "--blur must be 0, SIZE, SIZE:SIGMA or median:SIZE, got 9:2:1"),
    ("--blur", "", "--blur must be 0, SIZE, SIZE:SIGMA or median:SIZE, got "),
    ("--blur", "99999999999999999999", "--blur must be 0, SIZE, SIZE:SIGMA or median:SIZE, got 99999999999999999999"),
    ("--min-radius", "0", "--min-radius must be 1 to 65535, got 0"),
    ("--min-radius", "-4", "--min-radius must be 1 to 65535, got -4"),
    ("--min-radius", "101", "--min-radius must be at most --max-radius, 100, got 101"),
    ("--max-radius", "0", "--max-radius must be 1 to 65535, got 0"),
    ("--max-radius", "9", "--min-radius must be at most --max-radius, 9, got 10"),
    ("--max-radius", "65536", "--max-radius must be 1 to 65535, got 65536"),
    ("--min-distance", "0", "--min-distance must be a finite number above 0, got 0.0"),
    ("--min-distance", "-1", "--min-distance must be a finite number above 0, got -1.0"),
    ("--min-distance", "nan", "--min-distance must be a finite number above 0, got nan"),
    ("--min-distance", "inf", "--min-distance must be a finite number above 0, got inf"),
    ("--edge-threshold", "0", "--edge-threshold must be at least 1, got 0"),
    ("--votes", "0", "--votes must be at least 1, got 0"), ("--votes", "-2", "--votes must be at least 1, got -2"),
    ("--resolution", "0.99", "--resolution must be 1 to 1000, got 0.99"),
    ("--resolution", "nan", "--resolution must be 1 to 1000, got nan"),
    ("--resolution", "inf", "--resolution must be 1 to 1000, got inf"),
    ("--max-side", "0", "--max-side must be at least 1, got 0"),
    ("--max-side", "-9", "--max-side must be at least 1, got -9"),
    ("--confidence", "1.5", "the confidence must be 0 to 1, got 1.5"),
    ("--confidence", "nan", "the confidence must be 0 to 1, got nan"),
    ("--max-detections", "0", "the number of detections per image must be at least 1, got 0"),
    ("--label", "", "--label must not be empty"),
    ("--threads", "0", "--threads must be 1 to 256, since each needs memory of its own, got 0"),
  ])
  func aValueOutOfRangeIsToldWithItsNumber(option: String, value: String, message: String) async {
    let error = #expect(throws: (any Error).self) { try circles("a", option, value) }
    #expect(error.map { Limn.message(for: $0) } == message)
    #expect(await Limn.run(["circles", "a", option, value]) == .status(2))
  }

  @Test func fastDecodingNeedsASide() {
    let error = #expect(throws: (any Error).self) { try circles("a", "--fast-decode") }
    #expect(
      error.map { Limn.message(for: $0) } == "--fast-decode needs --max-side, the size down to which images are reduced"
    )
  }

  @Test(arguments: [
    ["circles"], ["circles", "a", "--weights", "w.pt"], ["circles", "a", "--classes", "coin"],
    ["circles", "a", "--precision", "float32"], ["circles", "a", "--votes", "x"], ["circles", "a", "-f", "voc"],
    ["circles", "/no/such/image.jpg"], ["circles", ""],
  ])
  func whatCannotStartExitsWithTwo(arguments: [String]) async {
    #expect(await Limn.run(arguments) == .status(2))
  }

  /// A bright disc about the middle of a dark picture, with the radius asked for.
  private func picture(width: Int, height: Int, radius: Double) throws -> Image {
    let pixels = (0..<height).flatMap { y in
      (0..<width).flatMap { x -> [UInt8] in
        let (dx, dy) = (Double(x) + 0.5 - Double(width) / 2, Double(y) + 0.5 - Double(height) / 2)
        let coverage = min(max(radius + 0.5 - (dx * dx + dy * dy).squareRoot(), 0), 1)
        return Array(repeating: UInt8(40 + 180 * coverage), count: 3)
      }
    }
    return try Image(width: width, height: height, pixels: pixels)
  }

  @Test func aDiscBecomesACircleInEveryFormat() async throws {
    let folder = try ScratchFolder()
    let photo = folder.path + "/coin.png"
    try ImageFile.write(picture(width: 120, height: 100, radius: 30), to: photo)
    func run(_ format: String, _ extra: String...) async -> Termination {
      await Limn.run(
        ["circles", photo, "-f", format, "-o", folder.path + "/" + format, "--max-detections", "1"] + extra)
    }
    #expect(await run("json", "--overlay", folder.path + "/drawn") == .status(0))
    let document = try JSONSerialization.jsonObject(with: Data(folder.text("json").utf8)) as? [[String: Any]]
    let coin = try #require((document?.first?["detections"] as? [[String: Any]])?.first)
    let circle = try #require(coin["circle"] as? [String: Any])
    #expect(coin["label"] as? String == "coin")
    let (center, radius) = (try #require(circle["center"] as? [Double]), try #require(circle["radius"] as? Double))
    #expect(max(abs(center[0] - 60), abs(center[1] - 50), abs(radius - 30)) <= Tolerance.Circles.command)
    #expect(try ImageFile.decode(path: folder.path + "/drawn/coin.png") != ImageFile.decode(path: photo))

    #expect(await run("coco") == .status(0))
    #expect(try folder.text("coco").contains(#""segmentation": {"size": [100, 120], "#))
    #expect(await run("coco", "--polygons") == .status(0))
    #expect(try folder.text("coco").contains(#""segmentation": [[9"#))
    #expect(await run("yolo") == .status(0))
    #expect(try folder.text("yolo/labels/coin.txt").split(separator: " ").count == 5)
    #expect(await run("yolo", "--polygons") == .status(0))
    #expect(try folder.text("yolo/labels/coin.txt").split(separator: " ").count > 40)
    #expect(await run("voc") == .status(0))
    #expect(try folder.text("voc/Annotations/coin.xml").contains("<name>coin</name>"))
  }

  @Test(arguments: [false, true])
  func aReducedCopyGivesPixelsOfTheImage(isDecodedReduced: Bool) async throws {
    let folder = try ScratchFolder()
    let photo = folder.path + "/coin.jpg"
    try ImageFile.write(picture(width: 480, height: 400, radius: 120), to: photo)
    let arguments = [photo, "--max-side", "120", "--max-detections", "1", "-o", folder.path + "/out.json"]
    #expect(await Limn.run(["circles"] + arguments + (isDecodedReduced ? ["--fast-decode"] : [])) == .status(0))
    let document = try JSONSerialization.jsonObject(with: Data(folder.text("out.json").utf8)) as? [[String: Any]]
    let coin = (document?.first?["detections"] as? [[String: Any]])?.first?["circle"] as? [String: Any]
    let radius = try #require(coin?["radius"] as? Double)
    // A pixel of the copy is four of the image.
    #expect(abs(radius - 120) <= Tolerance.Circles.command * 4)
  }
}
