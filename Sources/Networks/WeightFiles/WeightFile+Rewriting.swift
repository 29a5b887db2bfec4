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

  /// Whether the tensors are named as those of torchvision's Mask R-CNN.
  public var looksLikeMaskRCNN: Bool { entry("backbone.body.conv1.weight") != nil }
}
