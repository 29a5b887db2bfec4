import Annotate
import ArgumentParser
import Glibc

/// Times the command on a folder, files to annotations, beside the inferences alone, in turns.
struct PipelineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "Times limn detect on a folder of pictures against the sum of its inference times.",
    discussion: """
      In each round the command annotates the folder, as a process of its own, and then the same pictures, decoded
      before, go through the network one by one. An inference is a call of detect less letterbox, decoding of cells and
      suppression. The command must find as many objects as the calls one by one.
      """)

  @Argument(help: "The folder of pictures.") var folder: String
  @Option(help: "The weight file of a YOLOv5.") var weights: String
  @Option(help: "float32, bfloat16 or int8.") var precision = "float32"
  @Option(help: "The command.") var limn = ".build/release/limn"
  @Option(help: "The format to write, of one document: json, jsonl, coco or coco-results.") var format = "coco"
  @Option(help: "Threads.") var threads = 2
  @Option(help: "Rounds.") var rounds = 5

  func run() throws {
    let engine = try Engine(threads: threads)
    let loading = ContinuousClock.now
    let network = try YOLOv5(weights: weights, precision: parsedPrecision(precision), engine: engine)
    let loaded = (ContinuousClock.now - loading) / .seconds(1)
    var images: [Image] = []
    var decoding = 0.0
    for path in try pictures() {
      let start = ContinuousClock.now
      images.append(try ImageFile.decode(path: path))
      decoding += (ContinuousClock.now - start) / .seconds(1)
    }
    var sums = Sums()
    let expected = try sums.add(images, network, engine)
    sums = Sums()
    for _ in 0..<max(rounds, 1) {
      let output = temporaryPath()
      defer { unlink(output) }
      let start = ContinuousClock.now
      try runCommand(output)
      sums.command.append((ContinuousClock.now - start) / .seconds(1))
      let found = try objects(in: output)
      guard found == expected else {
        throw ValidationError("\(limn) wrote \(found) objects, the calls one by one found \(expected)")
      }
      guard try sums.add(images, network, engine) == expected else {
        throw ValidationError("a call one by one found another count of objects than before")
      }
    }
    print("\(images.count) pictures, \(expected) objects, \(rounds) rounds")
    print("\(precision), \(engine.level.name), \(threads) threads")
    report("the command", sums.command)
    report("its inferences", sums.inference)
    report("letterbox", sums.letterbox)
    report("decoding of cells", sums.cells)
    report("suppression", sums.suppression)
    report("JPEG on one thread", [decoding])
    report("loading the weights", [loaded])
    print(
      "ratio of medians", column(sums.command.median / sums.inference.median, 3, width: 6), "best",
      column(sums.command.best / sums.inference.best, 3, width: 6), "median of the rounds' ratios",
      column(zip(sums.command, sums.inference).map { $0 / $1 }.median, 3, width: 6))
  }

  private func report(_ name: String, _ seconds: [Double]) {
    print(
      column(name, width: 20), "best", column(seconds.best * 1e3, 1, width: 8), "ms, median",
      column(seconds.median * 1e3, 1, width: 8), "ms")
  }

  /// The folder's pictures by name.
  private func pictures() throws -> [String] {
    guard let directory = opendir(folder) else { throw ValidationError("cannot open the folder \(folder)") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let ending = name.split(separator: ".").last?.lowercased() ?? ""
      if ["jpg", "jpeg", "png"].contains(ending) { names.append(name) }
    }
    guard !names.isEmpty else { throw ValidationError("there are no pictures in \(folder)") }
    return names.sorted().map { "\(folder)/\($0)" }
  }

  private func runCommand(_ output: String) throws {
    let words = [
      limn, "detect", folder, "--weights", weights, "--threads", "\(threads)", "--format", format, "--output", output,
      "--quiet", "--precision", precision,
    ]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let code = posix_spawnp(&process, limn, nil, nil, &arguments, environ)
    guard code == 0 else { throw ValidationError("cannot start \(limn): \(String(cString: strerror(code)))") }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process, status == 0 else {
      throw ValidationError("\(limn) ended with the status \(status)")
    }
  }

  /// How many objects a document holds: each has one box.
  private func objects(in path: String) throws -> Int {
    guard let file = fopen(path, "rb") else { throw ValidationError("\(limn) wrote no \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return ["\"bbox\"", "\"box\""].map { key in
      let key = Array(key.utf8)
      return bytes.indices.count { bytes[$0] == key[0] && bytes[$0...].starts(with: key) }
    }.reduce(0, +)
  }

  private func temporaryPath() -> String { "/tmp/limn-bench-\(getpid())" }
}

/// Seconds of each round.
private struct Sums {
  var command: [Double] = []
  var inference: [Double] = []
  var letterbox: [Double] = []
  var cells: [Double] = []
  var suppression: [Double] = []

  /// One round of the calls one by one; the count of objects.
  mutating func add(_ images: [Image], _ network: YOLOv5, _ engine: Engine) throws -> Int {
    var objects = 0
    var (whole, parts) = (0.0, (letterbox: 0.0, cells: 0.0, suppression: 0.0))
    for image in images {
      let start = ContinuousClock.now
      let (found, times) = try engine.profile { try network.detect(image) }
      whole += (ContinuousClock.now - start) / .seconds(1)
      objects += found.count
      for time in times {
        switch time.name {
        case "letterbox": parts.letterbox += time.seconds
        case "decoding": parts.cells += time.seconds
        case "suppression": parts.suppression += time.seconds
        default: break
        }
      }
    }
    inference.append(whole - parts.letterbox - parts.cells - parts.suppression)
    letterbox.append(parts.letterbox)
    cells.append(parts.cells)
    suppression.append(parts.suppression)
    return objects
  }
}

extension [Double] {
  fileprivate var best: Double { self.min() ?? 0 }
  fileprivate var median: Double { sorted()[count / 2] }
}
