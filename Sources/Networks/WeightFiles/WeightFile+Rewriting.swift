extension WeightFile {
  /// Writes the tensors that read as floats, in their own precision, as safetensors with that metadata and what else the
  /// file's says.
  func rewrite(to path: String, metadata: [String: String]) throws(WeightFileError) {
    var tensors: [SafetensorsWriter.Tensor] = []
    for entry in entries where entry.dtype.readsAsFloats {
      tensors.append(
        SafetensorsWriter.Tensor(
          name: entry.name, dtype: entry.dtype, shape: entry.shape, bytes: try bytes(entry.name)))
    }
    try SafetensorsWriter.write(tensors, metadata: self.metadata.merging(metadata) { _, new in new }, to: path)
  }

  /// Throws where tensors share elements, so that a small file would take any amount of memory.
  func refuseSharing() throws(WeightFileError) {
    var (begin, end, total) = (Int.max, 0, 0)
    for entry in entries {
      begin = min(begin, entry.tensor.byteOffset)
      end = max(end, entry.tensor.byteOffset + entry.tensor.byteExtent)
      total += entry.tensor.count * entry.dtype.byteCount
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
      return sum + entry.tensor.count
    }
  }

  /// Whether the normalizations are those of torchvision's `maskrcnn_resnet50_fpn`, which training left alone: they count
  /// no training steps and have an epsilon of 0.
  var hasFrozenNormalizations: Bool {
    guard looksLikeMaskRCNN else { return false }
    if let text = metadata["epsilon"] { return Double(text) == 0 }
    let isTrained = entry("backbone.body.bn1.num_batches_tracked") != nil
    return !isTrained && entry("backbone.fpn.inner_blocks.0.1.running_mean") == nil
  }

  /// Whether the tensors are named as those of torchvision's Mask R-CNN.
  public var looksLikeMaskRCNN: Bool { entry("backbone.body.conv1.weight") != nil }
}
