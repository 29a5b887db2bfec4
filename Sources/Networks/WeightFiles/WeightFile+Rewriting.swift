extension WeightFile {
  /// Writes the tensors of floats to a safetensors file, in their own precision, with the file's metadata and the given
  /// ones. Only one tensor at a time is in memory.
  func rewrite(to path: String, metadata: [String: String]) throws(WeightFileError) {
    let kept = entries.filter(\.dtype.readsAsFloats)
    let plans = kept.map { SafetensorsWriter.Plan(name: $0.name, dtype: $0.dtype, shape: $0.shape) }
    try SafetensorsWriter.write(
      plans, metadata: self.metadata.merging(metadata) { _, new in new }, to: path
    ) { (index) throws(WeightFileError) in try bytes(kept[index].name) }
  }

  /// Throws if layers have different epsilons, since the metadata of a rewritten file has only one.
  func requireOneEpsilon() throws(WeightFileError) {
    let epsilons = Set(
      modules.compactMap { $0.className.hasSuffix("BatchNorm2d") ? $0.attributes["eps"]?.double : nil })
    guard epsilons.count <= 1 else {
      throw .unsupported(
        path: path,
        detail: "its batch normalizations have \(epsilons.count) different epsilons, but a converted file can "
          + "have only one")
    }
  }

  /// Throws if tensors share elements, with which a small file could take any amount of memory.
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
        detail: "its tensors take \(total) bytes, but share \(end - begin) bytes of the file; tensors that share "
          + "elements are not supported")
    }
  }

  /// The number of parameters as PyTorch counts them: weights, biases, gammas and betas, without running statistics and
  /// frozen normalizations.
  public var parameterCount: Int {
    let isFrozen = Architecture.all.contains { $0.hasFrozenNormalizations(self) }
    return entries.reduce(0) { sum, entry in
      let name = entry.name.split(separator: ".")
      guard let last = name.last, last == "weight" || last == "bias" else { return sum }
      let place = name.dropLast().joined(separator: ".")
      if isFrozen, self.entry("\(place).running_mean") != nil { return sum }
      return sum.addingSaturated(entry.tensor.count)
    }
  }
}

extension Int {
  /// The sum, or `Int.max` if it overflows: with strides of 0 a tensor can have any number of elements.
  fileprivate func addingSaturated(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
