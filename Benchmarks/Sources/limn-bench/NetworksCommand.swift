import Annotate
import ArgumentParser

/// Times a whole network in every precision that CPU and weights have, after comparing what it finds.
struct NetworksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "networks",
    abstract: "Times YOLOv5 or Mask R-CNN on a photograph, in every precision, after comparing what it finds.",
    discussion: """
      Before a precision is timed, its clear objects are compared with those of float32 at another level: in float32 all
      must be found within half a pixel and 0.001 of the score, otherwise all but one, or four fifths, at the same place.
      """)

  @Option(help: "The weight file of a YOLOv5 or a Mask R-CNN.") var weights: String
  @Option(help: "The weight file that limn weights quantize wrote.") var int8Weights: String?
  @Option(help: "The photograph.") var photo: String
  @Option(help: "YOLOv5: the longer side inside the network.") var size = 640
  @Option(help: "Mask R-CNN: the shorter side inside the network.") var minSize: Int?
  @Option(help: "Mask R-CNN: the longest side inside the network.") var maxSize: Int?
  @Option(parsing: .upToNextOption, help: "Counts of threads.") var threads = [1, 2]
  @Option(help: "The level; the CPU's highest by default.") var level: String?
  @Option(help: "Inferences.") var rounds = 10

  func run() throws {
    let image = try ImageFile.decode(path: photo)
    let level = try level.map(parsedLevel)
    let highest = try Engine(level: level).level
    guard let other = Engine.availableLevels.last(where: { $0.kernelsDiffer(from: highest) }) else {
      throw ValidationError("there is no level but \(highest.name) to compare with")
    }
    let expected = try detector(.float32, Engine(level: other))(image)
    print("\(photo): \(expected.count) objects at the level \(other.name)")
    for precision in Precision.allCases {
      for count in threads {
        let detect: (Image) throws -> [Detection]
        do {
          detect = try detector(precision, Engine(level: level, threads: count))
        } catch TensorError.unavailablePrecision(let reason) {
          print(column(precision.rawValue, width: 9), reason)
          break
        } catch WeightFileError.uncalibrated(let path, _) {
          print(column(precision.rawValue, width: 9), "\(path) has not been calibrated by limn weights quantize")
          break
        }
        let agreement = try compare(expected, try detect(image), precision)
        let timing = try Timing(rounds: rounds) { _ = try detect(image) }
        print(
          column(precision.rawValue, width: 9), highest.name, count, "threads: best",
          column(timing.best * 1e3, 2, width: 8), "ms, median", column(timing.median * 1e3, 2, width: 8), "ms;",
          agreement)
      }
    }
  }

  private func detector(_ precision: Precision, _ engine: Engine) throws -> (Image) throws -> [Detection] {
    let file = try WeightFile(path: precision == .int8 ? int8Weights ?? weights : weights)
    let network = try file.requireArchitecture().detector(weights: file, precision: precision, engine: engine)
    let sizes = NetworkSizes(size: size, minSize: minSize, maxSize: maxSize)
    return { try network.detect($0, sizes: sizes) }
  }

  /// How many of the clear objects are found; throws when too few are.
  private func compare(_ expected: [Detection], _ found: [Detection], _ precision: Precision) throws -> String {
    let clear = expected.filter { $0.score > 0.4 }
    var free = found
    var count = 0
    for object in clear {
      guard let match = free.firstIndex(where: { object.agrees(with: $0, exactly: precision == .float32) }) else {
        continue
      }
      free.remove(at: match)
      count += 1
    }
    let text = "\(count) of \(clear.count) clear objects"
    let missing = precision == .float32 ? 0 : max(1, clear.count / 5)
    guard count >= clear.count - missing, !clear.isEmpty else {
      throw ValidationError("\(precision.rawValue) finds \(text) of \(photo): too few")
    }
    return text
  }
}

extension Detection {
  /// Whether another is of the same class and at the same place: within half a pixel and 0.001 of the score, or with
  /// boxes that share more than half of their union.
  fileprivate func agrees(with other: Detection, exactly: Bool) -> Bool {
    guard classID == other.classID else { return false }
    let (a, b) = (box, other.box)
    if exactly {
      let distances = [a.x1 - b.x1, a.y1 - b.y1, a.x2 - b.x2, a.y2 - b.y2]
      return distances.allSatisfy { abs($0) <= 0.5 } && abs(score - other.score) <= 1e-3
    }
    let width = max(0, min(a.x2, b.x2) - max(a.x1, b.x1))
    let shared = width * max(0, min(a.y2, b.y2) - max(a.y1, b.y1))
    return shared > 0.5 * (a.width * a.height + b.width * b.height - shared)
  }
}

extension InstructionSetLevel {
  /// Whether float32 is computed by other kernels: AVX-512 with and without dot products share theirs.
  fileprivate func kernelsDiffer(from other: InstructionSetLevel) -> Bool {
    func family(_ level: InstructionSetLevel) -> InstructionSetLevel { level == .avx512dot ? .avx512 : level }
    return family(self) != family(other)
  }
}
