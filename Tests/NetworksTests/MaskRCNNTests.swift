import Tensor
import TensorTestSupport
import TestSupport
import Testing

@testable import Networks

@Suite struct MaskRCNNTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  /// A slim model of a variant, its picture and options.
  private func slim(
    _ variant: String, level: InstructionSetLevel? = nil, threads: Int = 2
  ) throws -> (network: MaskRCNN, image: Image, options: MaskRCNN.Options) {
    let record = try SlimRecord(variant, "detections")
    let weights = try SlimMaskRCNN(variant: variant)
    // Batch normalizations that count their training steps have an epsilon, frozen ones none.
    let metadata = variant == "v1" ? ["epsilon": "0.0"] : [:]
    let network = try MaskRCNN(
      weights: weights.write(in: folder, metadata: metadata), engine: Engine(level: level, threads: threads))
    let (height, width) = (record.number("picture_height"), record.number("picture_width"))
    let image = try Image(width: width, height: height, pixels: SlimMaskRCNN.picture(height: height, width: width))
    return (network, image, .init(minSize: record.number("min_size"), maxSize: record.number("max_size")))
  }

  private static let cases: [(String, InstructionSetLevel, Int)] = ["v1", "v2"].flatMap { variant in
    Engine.availableLevels.map { (variant, $0, 2) } + [(variant, Engine.availableLevels[0], 1)]
  }

  @Test(arguments: cases)
  func findsWhatTorchvisionFinds(variant: String, level: InstructionSetLevel, threads: Int) throws {
    let (network, image, options) = try slim(variant, level: level, threads: threads)
    let record = try SlimRecord(variant, "detections")
    let (boxes, scores) = (try record.boxes("boxes"), try record.file.floats("scores"))
    let labels = try record.file.floats("labels")
    let masks = String(decoding: try weightFixtureBytes("maskrcnn-slim-\(variant)-masks.txt"), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    let found = try network.detect(image, options: options)
    try #require(found.count == boxes.count && masks.count == boxes.count)
    for (index, detection) in found.enumerated() {
      #expect(detection.classID == Int(labels[index]), "detection \(index)")
      #expect(abs(detection.score - scores[index]) <= Tolerance.MaskRCNN.score, "detection \(index)")
      let expected = boxes[index].clipped(width: Float(image.width), height: Float(image.height))
      #expect(distance(detection.box, expected) <= Tolerance.MaskRCNN.box, "detection \(index)")
      let mask = try #require(detection.mask)
      let recorded = try Mask(rle: masks[index], width: image.width, height: image.height)
      if mask != recorded { #expect(try mask.iou(with: recorded) >= Tolerance.MaskRCNN.maskIoU, "detection \(index)") }
    }
  }

  @Test(arguments: ["v1", "v2"], Engine.availableLevels)
  func stagesGiveWhatTorchvisionRecorded(variant: String, level: InstructionSetLevel) throws {
    let (network, image, options) = try slim(variant, level: level)
    let features = try SlimRecord(variant, "features")
    let proposalRecord = try SlimRecord(variant, "proposals").boxes("proposals")
    let logits = try SlimRecord(variant, "detections").file.floats("class_logits")
    let deltas = try SlimRecord(variant, "detections").file.floats("box_deltas")
    try network.engine.withWorkspace { workspace in
      let picture = ImageTransform(minSize: options.minSize ?? 0, maxSize: options.maxSize ?? 0)(
        image, .init(.float32), workspace)
      #expect(picture.resized == (features.number("resized_width"), features.number("resized_height")))
      #expect(picture.padded == (features.number("padded_width"), features.number("padded_height")))
      let maps = network.pyramid(try network.backbone(picture.input, workspace), workspace)
      try #require(maps.count == 5)
      for (level, map) in maps.enumerated() {
        let recorded = try features.file.floats(
          "p\(level + 2)", shape: [map.shape.height, map.shape.width, map.shape.channels])
        let found = Array(UnsafeBufferPointer(start: map.base, count: map.shape.count))
        #expect(farthest(found, recorded) <= Tolerance.MaskRCNN.activation, "p\(level + 2)")
      }
      let candidates = maps.enumerated().map { level, map in
        workspace.arena.scope { network.regions.candidates(level, map, picture, workspace) }
      }
      let recordedCandidates = try SlimRecord(variant, "proposals").boxes("candidates")
      let recordedScores = try SlimRecord(variant, "proposals").file.floats("candidate_scores")
      let candidateBoxes = candidates.flatMap(\.boxes)
      try #require(candidateBoxes.count == recordedCandidates.count)
      for (index, recorded) in recordedCandidates.enumerated() {
        // Neighbours whose logits differ by less than the rounding of their sums may change places.
        let near = max(0, index - 1)...min(index + 1, candidateBoxes.count - 1)
        #expect(near.contains { distance(candidateBoxes[$0], recorded) <= Tolerance.MaskRCNN.box }, "\(index)")
      }
      #expect(farthest(candidates.flatMap(\.scores), recordedScores) <= Tolerance.MaskRCNN.score)
      let proposals = network.regions(maps, picture, workspace)
      try #require(proposals.count == proposalRecord.count)
      for (found, recorded) in zip(proposals, proposalRecord) {
        #expect(distance(found, recorded) <= Tolerance.MaskRCNN.box)
      }
      let values = network.boxHead.predictions(maps, proposals, picture, workspace)
      let classes = network.labels.count
      var worst: Float = 0
      for index in proposals.indices {
        for value in 0..<5 * classes {
          let recorded =
            value < classes ? logits[index * classes + value] : deltas[index * 4 * classes + value - classes]
          worst = max(worst, abs(values[index * 5 * classes + value] - recorded))
        }
      }
      #expect(worst <= Tolerance.MaskRCNN.activation)
      let detections = network.boxHead(maps, proposals, picture, options, workspace)
      let masks = network.maskHead(maps, detections, picture, workspace)
      let recordedMasks = try SlimRecord(variant, "masks").file.floats("mask_logits").map(Sigmoid.value)
      let found = Array(UnsafeBufferPointer(start: masks, count: min(detections.count * 784, recordedMasks.count)))
      #expect(found.count == recordedMasks.count)
      #expect(farthest(found, recordedMasks) <= Tolerance.MaskRCNN.activation)
    }
  }

  @Test func aSecondDetectionTakesNoNewMemory() throws {
    let (network, image, options) = try slim("v2")
    let first = try network.detect(image, options: options)
    let capacity = network.engine.withWorkspace { $0.arena.capacity }
    #expect(try network.detect(image, options: options) == first)
    #expect(network.engine.withWorkspace { $0.arena.capacity } == capacity)
  }

  @Test func nothingAboveTheConfidenceIsNoDetection() throws {
    var (network, image, options) = try slim("v2")
    options.confidence = 1
    #expect(try network.detect(image, options: options).isEmpty)
    options.minSize = 1
    image = try Image(width: 1, height: 1, pixels: [1, 2, 3])
    #expect(try network.detect(image, options: options).isEmpty)
    let thin = try Image(width: 2000, height: 1, pixels: Array(repeating: 0, count: 6000))
    options.minSize = 800
    #expect(
      throws: SceneError.invalidShape("an image of 2000x1 would shrink to 64x0 for the network")
    ) { try network.detect(thin, options: options) }
  }

  @Test func weightsThatDoNotFitAreRefused() throws {
    func refusal(
      labels: [String]? = nil, _ change: (inout [SafetensorsWriter.Tensor]) -> Void = { _ in }
    ) throws -> String? {
      let path = try SlimMaskRCNN(variant: "v2").write(in: folder, change: change)
      do {
        _ = try MaskRCNN(weights: path, labels: labels, engine: Engine(threads: 1))
        return nil
      } catch {
        return "\(error)".replacing(path, with: "FILE")
      }
    }
    #expect(try refusal() == nil)
    #expect(try refusal(labels: ["__background__", "a", "b", "c"]) == nil)
    #expect(
      try refusal(labels: ["__background__", "a"])
        == "1 class name was given without the background, but FILE needs 3")
    for labels in [[], ["__background__"]] {
      #expect(
        try refusal(labels: labels) == "0 class names were given without the background, but FILE needs 3")
    }
    #expect(
      try refusal { $0.removeAll { $0.name == "backbone.fpn.layer_blocks.2.0.weight" } }
        == "FILE lacks the tensor backbone.fpn.layer_blocks.2.weight")
    #expect(
      try refusal { $0.append(.init(name: "roi_heads.extra", shape: [1], floats: [0])) }
        == "FILE has 1 tensor that the network does not use: roi_heads.extra")
    let poisoned = try #require(
      try refusal { tensors in
        guard let index = tensors.firstIndex(where: { $0.name == "rpn.head.cls_logits.bias" }) else { return }
        tensors[index] = .init(name: "rpn.head.cls_logits.bias", shape: [3], floats: [.nan, 0, 0])
      })
    #expect(poisoned == "FILE: 1 of 51 weights and biases of rpn.head.cls_logits are not finite")
    let wide = try #require(
      try refusal { tensors in
        guard let index = tensors.firstIndex(where: { $0.name == "backbone.body.conv1.weight" }) else { return }
        tensors[index] = .init(name: tensors[index].name, shape: [(1 << 20) + 1, 0, 7, 7], floats: [])
      })
    #expect(
      wide
        == "FILE: backbone.body.conv1.weight has shape [1048577, 0, 7, 7], but 4 dimensions of 1 to 1048576 were expected"
    )
  }

  /// A small file whose tensors are one would take any amount of memory.
  @Test func sharedTensorsAreRefused() throws {
    let names = ["backbone.body.conv1.weight", "roi_heads.mask_head.0.0.weight", "b"]
    let path = try folder.write(checkpoint(Pickle.dict(names.map { ($0, Pickle.tensor()) })))
    let error = #expect(throws: WeightFileError.self) { try MaskRCNN(weights: path, engine: Engine(threads: 1)) }
    #expect(error?.description.contains("its tensors take 72 bytes, but share 24") == true)
  }

  /// A whole model that was pickled says it of each normalization; a converted file holds one for all.
  @Test func epsilonsOfPickledLayers() throws {
    func normalization(_ epsilon: UInt8) -> [UInt8] {
      Pickle.module(
        [], [("eps", [0x47, 0x3F, epsilon, 0, 0, 0, 0, 0, 0])], of: "torchvision.ops.misc.FrozenBatchNorm2d")
    }
    func file(_ epsilons: [UInt8]) throws -> WeightFile {
      func weight(_ offset: Int64, _ shape: [Int64]) -> [UInt8] {
        let strides = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        return Pickle.module(parameters: [("weight", Pickle.tensor(offset: offset, shape: shape, strides: strides))])
      }
      let body =
        [("conv1", weight(0, [1, 1, 1, 1]))]
        + epsilons.enumerated().map { ("bn\($0.offset)", normalization($0.element)) }
      let heads = [
        ("box_predictor", Pickle.module([("cls_score", weight(1, [2, 1]))])),
        ("mask_head", Pickle.module([("0", weight(3, [1]))])),
      ]
      let model = Pickle.module([
        ("backbone", Pickle.module([("body", Pickle.module(body))])), ("roi_heads", Pickle.module(heads)),
      ])
      return try WeightFile(path: folder.write(checkpoint(model)))
    }
    #expect(try MaskRCNNConfiguration(WeightReader(file([0xD0])), labels: nil).epsilon == 0.25)
    #expect(try MaskRCNNConfiguration(WeightReader(file([])), labels: nil).epsilon == 0)
    try file([0xD0, 0xD0]).requireOneEpsilon()
    let two = try file([0xD0, 0xE0])
    #expect(
      throws: WeightFileError.unsupported(
        path: two.path,
        detail: "its batch normalizations have 2 different epsilons, but a converted file can have only one")
    ) { try two.requireOneEpsilon() }
  }

  /// Frozen normalizations are no parameters.
  @Test(arguments: ["v1", "v2"])
  func parametersAreCounted(variant: String) throws {
    let file = try WeightFile(path: SlimMaskRCNN(variant: variant).write(in: folder, metadata: [:]))
    let normalizations = file.entries.filter { $0.name.hasSuffix(".running_mean") }.map(\.shape[0]).reduce(0, +)
    let all = file.entries.filter { $0.name.hasSuffix(".weight") || $0.name.hasSuffix(".bias") }.map(\.tensor.count)
      .reduce(0, +)
    #expect(normalizations > 0)
    #expect(file.parameterCount == (variant == "v1" ? all - 2 * normalizations : all))
  }

  @Test func sizesOfTheMetadata() throws {
    func sizes(_ metadata: [String: String]) throws -> [Int] {
      let path = try SlimMaskRCNN(variant: "v2").write(in: folder, metadata: metadata)
      let sizes = try MaskRCNN(weights: path, engine: Engine(threads: 1)).sizes
      return [sizes.shorter, sizes.longer]
    }
    #expect(try sizes([:]) == [800, 1333])
    #expect(try sizes(["min_size": "320", "max_size": "8192"]) == [320, 8192])
    for text in ["0", "8193", "-1", "1e2", "", "99999999999999999999"] {
      #expect {
        try sizes(["max_size": text])
      } throws: { error in
        "\(error)".hasSuffix(" is malformed: the metadata's max_size must be 1 to 8192, got '\(text)'")
      }
    }
  }

  private func distance(_ a: Box, _ b: Box) -> Float {
    max(abs(a.x1 - b.x1), abs(a.y1 - b.y1), abs(a.x2 - b.x2), abs(a.y2 - b.y2))
  }

  private func farthest(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}
