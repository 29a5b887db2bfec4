import Annotate
import ArgumentParser

/// Times every operator of a network while it runs on a photograph.
struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Times every operator of a whole network in place, and prints its share of the multiply-add peak.")

  @Option(help: "The weight file of a YOLOv5 or a Mask R-CNN.") var weights: String
  @Option(help: "The photograph; a generated picture of 640x480 when absent.") var photo: String?
  @Option(help: "YOLOv5: the longer side inside the network.") var size = 640
  @Option(help: "Mask R-CNN: the shorter side inside the network.") var minSize: Int?
  @Option(help: "Mask R-CNN: the longest side inside the network.") var maxSize: Int?
  @Option(help: "float32, bfloat16 or int8.") var precision = "float32"
  @Option(help: "Threads.") var threads = 1
  @Option(help: "baseline, avx2 or avx512; the CPU's highest by default.") var level: String?
  @Option(help: "Inferences; each operator's best is printed.") var rounds = 5

  func run() throws {
    let engine = try Engine(level: try level.map(parsedLevel), threads: threads)
    let image = try photo.map { try ImageFile.decode(path: $0) } ?? generatedImage()
    let file = try WeightFile(path: weights)
    let network = try file.requireArchitecture().detector(
      weights: file, precision: parsedPrecision(precision), engine: engine)
    let sizes = NetworkSizes(size: size, minSize: minSize, maxSize: maxSize)
    let detect = { try network.detect(image, sizes: sizes).count }
    let count = try detect()
    var best: [OperatorTime] = []
    var whole = Double.infinity
    var peak = engine.multiplyAddPeak()
    for round in 0..<max(rounds, 1) {
      let start = ContinuousClock.now
      let (found, times) = try engine.profile(detect)
      whole = min(whole, (ContinuousClock.now - start) / .seconds(1))
      peak = max(peak, engine.multiplyAddPeak())
      guard found == count, round == 0 || times.count == best.count else {
        throw ValidationError("round \(round) found \(found) objects by \(times.count) operators, the first \(count)")
      }
      best = round == 0 ? times : zip(best, times).map { $0.seconds < $1.seconds ? $0 : $1 }
    }
    print("\(engine.level.name), \(threads) threads, \(image.width)x\(image.height): \(count) objects")
    printTable(best, whole: whole, peak: peak * Double(threads))
  }

  private func printTable(_ times: [OperatorTime], whole: Double, peak: Double) {
    print(
      "   n  operator             algorithm         shapes                                       ms   share  GFLOP/s",
      "of peak")
    for row in OperatorRow.grouped(times, by: \.layer) { print(row.line(whole: whole, peak: peak)) }
    print("\nby operator and algorithm")
    for row in OperatorRow.grouped(times, by: \.kind).sorted(by: { $0.seconds > $1.seconds }) {
      print(row.line(whole: whole, peak: peak))
    }
    var all = OperatorRow(title: column("all operators", width: 84))
    for time in times { all.add(time) }
    print(all.line(whole: whole, peak: peak))
    print("whole call", column(whole * 1e3, 2, width: 8), "ms, peak", column(peak, 0, width: 4), "GFLOP/s")
  }
}

/// Operators of one description, added up.
private struct OperatorRow {
  let title: String
  var count = 0
  var seconds = 0.0
  var multiplyAdds = 0

  init(title: String) { self.title = title }

  mutating func add(_ time: OperatorTime) {
    count += 1
    seconds += time.seconds
    multiplyAdds += time.multiplyAdds
  }

  /// A row for each title, in the order of first appearance.
  static func grouped(_ times: [OperatorTime], by title: (OperatorTime) -> String) -> [OperatorRow] {
    var rows: [OperatorRow] = []
    var places: [String: Int] = [:]
    for time in times {
      let title = title(time)
      let place = places[title] ?? rows.endIndex
      if place == rows.endIndex {
        places[title] = place
        rows.append(OperatorRow(title: title))
      }
      rows[place].add(time)
    }
    return rows
  }

  /// The multiply-adds are those of the plain definition: algorithms that need fewer may pass 100 % of the peak.
  func line(whole: Double, peak: Double) -> String {
    var line = column(Double(count), 0, width: 4) + "  " + title + column(seconds * 1e3, 3, width: 9)
    line += column(seconds / whole * 100, 1, width: 7) + "%"
    guard multiplyAdds > 0 else { return line }
    let rate = 2 * Double(multiplyAdds) / seconds * 1e-9
    return line + column(rate, 1, width: 9) + column(rate / peak * 100, 1, width: 7) + "%"
  }
}

extension OperatorTime {
  fileprivate var layer: String {
    column(name, width: 21) + column(algorithm, width: 18) + column("\(input) -> \(output)", width: 45)
  }

  fileprivate var kind: String { column(name, width: 21) + column(algorithm, width: 63) }
}

/// A picture of 640x480 that is the same on every machine.
func generatedImage() throws -> Image {
  let bytes = pseudorandom(640 * 480 * 3).map { UInt8(max(0, min(255, 128 + 127 * $0))) }
  return try Image(width: 640, height: 480, pixels: bytes)
}
