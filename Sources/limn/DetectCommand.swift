import Annotate
import ArgumentParser

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

struct DetectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect", abstract: "Finds objects with YOLOv5: labelled boxes.")

  /// The largest letterbox side.
  static let largestSize = 4096
  /// What a letterbox side must be a multiple of: the network's coarsest stride.
  static let stride = 32

  @Argument(
    help: ArgumentHelp("Image files, folders (recursive), or - for paths on standard input.", valueName: "input"))
  var inputs: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("A .safetensors, .pt or .pth file. Default: the variable LIMN_WEIGHTS.", valueName: "file"))
  var weights: String?

  @OptionGroup var output: OutputOptions

  @Option(help: "The least score of a detection, 0 to 1.")
  var confidence: Float = 0.25

  @Option(help: "The overlap above which the lesser of two boxes is dropped, 0 to 1.")
  var iou: Float = 0.45

  @Option(name: .customLong("max-detections"), help: "The most detections of an image.")
  var maxDetections = 1000

  @Option(help: ArgumentHelp("Keep these classes only, by label name or id, separated by commas.", valueName: "a,b"))
  var classes: [String] = []

  @Option(help: ArgumentHelp("Leave these classes out, by label name or id, separated by commas.", valueName: "a,b"))
  var exclude: [String] = []

  @Flag(help: "Let boxes of different classes suppress each other.")
  var agnostic = false

  @Flag(help: "Give a box every class above the confidence, not the best one alone.")
  var multiLabel = false

  @Option(help: "The side that images are scaled to, a multiple of 32.")
  var size = 640

  @Flag(help: "Pad images to a square, not to the nearest multiple of 32.")
  var square = false

  @Option(help: "The arithmetic of the network.")
  var precision = Precision.float32

  @Option(help: "Threads to use. Default: all cores.")
  var threads: Int?

  enum Precision: String, CaseIterable, ExpressibleByArgument {
    case float32
  }

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image, folder or -") }
    guard confidence >= 0, confidence <= 1 else {
      throw ValidationError("--confidence lies between 0 and 1, got \(confidence)")
    }
    guard iou >= 0, iou <= 1 else { throw ValidationError("--iou lies between 0 and 1, got \(iou)") }
    guard maxDetections >= 1 else { throw ValidationError("--max-detections is at least 1, got \(maxDetections)") }
    guard (1...Self.largestSize).contains(size) else {
      throw ValidationError("--size lies between 1 and \(Self.largestSize), got \(size)")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads lies between 1 and 1024, got \(threads)")
    }
  }

  /// The letterbox side used: the one asked for, rounded up to a multiple of the stride.
  var roundedSize: Int { (size + Self.stride - 1) / Self.stride * Self.stride }

  /// The classes asked for.
  var classFilter: ClassFilter {
    ClassFilter(included: Self.names(classes), excluded: Self.names(exclude))
  }

  func run() async throws {
    let excluded = output.overlay.flatMap(FileIdentity.init(path:))
    let list = try InputList(inputs, excluding: excluded)
    let job = output.job
    try job.validate(against: list)
    var reporter = Reporter(total: list.items.count, isQuiet: output.quiet)
    guard list.hasImages else {
      for case .failure(_, let reason) in list.items { reporter.failed(reason: reason) }
      throw CommandError("there is no image to annotate")
    }
    let network = try loadNetwork()
    let options = YOLOv5.Options(
      confidence: confidence, iou: iou, maxDetections: maxDetections, size: roundedSize, square: square,
      multiLabel: multiLabel, agnostic: agnostic, classes: try classFilter.classes(of: network.labels))
    if roundedSize != size { reporter.note("--size \(size) is no multiple of \(Self.stride); using \(roundedSize)") }
    if list.duplicateCount > 0 { reporter.note("\(list.duplicateCount) images are named twice; annotated once") }
    let outcome = try await job.run(
      list, detector: network, options: options, decode: { try ImageFile.decode(path: $0) }, reporter: &reporter)
    if outcome.failureCount > 0 { throw ExitCode(1) }
  }

  private func loadNetwork() throws -> YOLOv5 {
    guard let path = weights ?? getenv("LIMN_WEIGHTS").map({ String(cString: $0) }), !path.isEmpty else {
      throw CommandError("no weights: name a file with --weights or the variable LIMN_WEIGHTS")
    }
    do {
      return try YOLOv5(weights: path, engine: try Engine(threads: threads))
    } catch {
      throw CommandError("\(error)")
    }
  }

  private static func names(_ lists: [String]) -> [String] {
    lists.flatMap { $0.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) } }.map(String.init)
  }
}
