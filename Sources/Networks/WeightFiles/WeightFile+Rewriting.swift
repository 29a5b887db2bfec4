extension WeightFile {
  /// Writes the tensors that read as floats, in their own precision, as safetensors with that metadata and what else the
  /// file's says. Holds one tensor at a time.
  func rewrite(to path: String, metadata: [String: String]) throws(WeightFileError) {
    let kept = entries.filter(\.dtype.readsAsFloats)
    let plans = kept.map { SafetensorsWriter.Plan(name: $0.name, dtype: $0.dtype, shape: $0.shape) }
    try SafetensorsWriter.write(
      plans, metadata: self.metadata.merging(metadata) { _, new in new }, to: path
    ) { (index) throws(WeightFileError) in try bytes(kept[index].name) }
  }

  /// Throws where layers say several epsilons, since the metadata of a rewritten file holds one.
  func requireOneEpsilon() throws(WeightFileError) {
    let epsilons = Set(
      modules.compactMap { $0.className.hasSuffix("BatchNorm2d") ? $0.attributes["eps"]?.double : nil })
    guard epsilons.count <= 1 else {
      throw .unsupported(
        path: path, detail: "its batch normalizations have \(epsilons.count) epsilons, and metadata holds one")
    }
  }

  /// Throws where tensors share elements, so that a small file would take any amount of memory.
  func refuseSharing() throws(WeightFileError) {
    var (begin, end, total) = (Int.max, 0, 0)
    for entry in entries {
      begin = min(begin, entry.tensor.byteOffset)
      end = max(end, entry.tensor.byteOffset + entry.tensor.byteExtent)
      total = total.addingSaturated(entry.tensor.count * entry.dtype.byteCount)
    }
    guard total <= max(end - begin, 0) else {
      throw .unsupported(
        path: path,
        detail:
          "its tensors take \(total) bytes, but share \(end - begin); those of a network that Limn runs share none")
    }
  }

  /// Parameters as PyTorch counts them: weights, biases, gammas and betas, not the running statistics, and nothing of
  /// frozen normalizations.
  public var parameterCount: Int {
    let isFrozen = hasFrozenNormalizations
    return entries.reduce(0) { sum, entry in
      let name = entry.name.split(separator: ".")
      guard let last = name.last, last == "weight" || last == "bias" else { return sum }
      let place = name.dropLast().joined(separator: ".")
      if isFrozen, self.entry("\(place).running_mean") != nil { return sum }
      return sum.addingSaturated(entry.tensor.count)
    }
  }

  /// Whether the normalizations are those of torchvision's `maskrcnn_resnet50_fpn`, which training left alone: they count
  /// no training steps and have an epsilon of 0.
  var hasFrozenNormalizations: Bool {
    guard entry("backbone.body.conv1.weight") != nil else { return false }
    if let text = metadata["epsilon"] { return Double(text) == 0 }
    let isTrained = entry("backbone.body.bn1.num_batches_tracked") != nil
    return !isTrained && entry("backbone.fpn.inner_blocks.0.1.running_mean") == nil
  }

  /// Whether the tensors are named as those of torchvision's Mask R-CNN on a ResNet.
  public var looksLikeMaskRCNN: Bool { NetworkIdentity(self) == .maskRCNN }
}

extension Int {
  /// The sum, or the greatest integer where it is beyond: strides of 0 make any count of elements.
  fileprivate func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
