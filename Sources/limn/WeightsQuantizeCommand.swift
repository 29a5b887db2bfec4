import Annotate
import ArgumentParser
import Files

/// `limn weights quantize`: measures the ranges of a network's feature maps on images, for int8.
struct WeightsQuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize", abstract: "Calibrates YOLOv5 weights on images, for --precision int8.")

  @Argument(help: "A .safetensors, .pt or .pth file, or a fetched name from `limn weights list`.")
  var input: String

  @Option(help: ArgumentHelp("An image, or a folder of images like those to be annotated.", valueName: "folder"))
  var images: String

  @Argument(help: "The .safetensors file to write.")
  var output: String

  @Option(help: "The largest number of images to use; of more, evenly spaced ones are chosen.")
  var limit = 128

  @Option(help: "The side that images are scaled to, a multiple of 32 from 32 to 4096.")
  var size = 640

  func validate() throws {
    guard output.lowercased().hasSuffix(".safetensors") else {
      throw ValidationError("the output must be a .safetensors file, got \(output)")
    }
    guard limit >= 1 else { throw ValidationError("--limit must be at least 1, got \(limit)") }
    guard size >= 32, size <= 4096, size % 32 == 0 else {
      throw ValidationError("--size must be a multiple of 32 from 32 to 4096, got \(size)")
    }
  }

  func run() throws {
    let path = try WeightArgument.path(input)
    if let target = FileIdentity(path: output), target == FileIdentity(path: path) {
      throw CommandError("\(output) is the input and would be replaced; choose another output")
    }
    let inputs = try InputList([images])
    let items = inputs.items
    if let target = FileIdentity(path: output), items.contains(where: { $0.path.flatMap(FileIdentity.init) == target })
    {
      throw CommandError("\(output) is one of the images and would be replaced; choose another output")
    }
    let step = max(1, Double(items.count) / Double(limit))
    let chosen = (0..<min(limit, items.count)).map { items[Int(Double($0) * step)] }
    var count = 0
    do {
      let calibrator = try YOLOv5Calibrator(weights: path, size: size)
      Interruption.current?.becomeGraceful()
      for item in chosen {
        try Task.checkCancellation()
        switch item {
        case .failure(_, let reason): StandardError.write("limn: \(reason.printable)\n")
        case .image(_, let file):
          let image: Image
          do {
            image = try ImageFile.decode(path: file)
          } catch {
            StandardError.write("limn: \("\(error)".printable)\n")
            continue
          }
          try calibrator.observe(image)
          count += 1
        }
      }
      guard count > 0 else { throw CommandError("no image in \(images) could be read; nothing is written") }
      try calibrator.write(to: output)
    } catch let error as CommandError {
      throw error
    } catch let error as CancellationError {
      throw error
    } catch {
      try Task.checkCancellation()
      throw CommandError(Advice.explained(error, for: .quantizing))
    }
    StandardError.write("limn: calibrated on \(count) of \(items.count) images\n")
  }
}
