/// Where each kernel position reads for each output pixel.
struct TapGeometry {
  private let configuration: Convolution.Configuration
  private let input: TensorView
  private let output: Shape
  /// Whether a kernel row is one run of floats: nothing is padded and pixels follow each other without a gap.
  private let mergesRows: Bool
  let positions: Int
  let depth: Int

  init(
    _ configuration: Convolution.Configuration, _ input: TensorView, _ output: TensorView, mergesRows: Bool = true
  ) {
    self.configuration = configuration
    self.input = input
    self.output = output.shape
    let canMerge =
      configuration.padding == 0 && configuration.dilation == 1 && input.isDense && configuration.kernelWidth > 1
    self.mergesRows = mergesRows && canMerge
    positions = configuration.kernelHeight * (self.mergesRows ? 1 : configuration.kernelWidth)
    depth = configuration.inputChannels * (self.mergesRows ? configuration.kernelWidth : 1)
  }

  typealias Taps = UnsafeMutablePointer<UnsafePointer<Float>>

  /// An uninitialised table of that many pointers, valid in the arena's present scope.
  static func table(_ count: Int, _ workspace: Workspace) -> Taps {
    workspace.arena.allocate(byteCount: count * MemoryLayout<UnsafePointer<Float>>.stride)
      .bindMemory(to: UnsafePointer<Float>.self, capacity: count)
  }

  /// Fills `taps[position * stride + pixel]` for `count` output pixels from `first` on;
  /// a tap outside of the input gets `outside`.
  func fill(_ taps: Taps, stride: Int, from first: Int, count: Int, outside: UnsafePointer<Float>) {
    var pixel = first
    let end = first + count
    while pixel < end {
      let row = pixel / output.width
      let x = pixel % output.width
      let run = min(output.width - x, end - pixel)
      fillRow(taps + (pixel - first), stride, row: row, x: x, count: run, outside)
      pixel += run
    }
  }

  private func fillRow(
    _ taps: Taps, _ stride: Int, row: Int, x: Int, count: Int, _ outside: UnsafePointer<Float>
  ) {
    let c = configuration
    let batch = row / output.height
    let top = row % output.height * c.stride - c.padding
    let step = c.stride * input.pixelStride
    var taps = taps
    for ky in 0..<c.kernelHeight {
      let y = top + ky * c.dilation
      let isInside = y >= 0 && y < input.shape.height
      let line = input.base + (batch * input.shape.height + (isInside ? y : 0)) * input.shape.width * input.pixelStride
      for kx in 0..<(mergesRows ? 1 : c.kernelWidth) {
        let offset = kx * c.dilation - c.padding
        // Output columns whose tap lies inside: 0 <= column * stride + offset < width.
        let low = isInside ? min(max((-offset + c.stride - 1) / c.stride, x), x + count) : x + count
        let high = min(max((input.shape.width - 1 - offset + c.stride) / c.stride, low), x + count)
        for column in 0..<(low - x) { taps[column] = outside }
        var pointer = UnsafePointer(line) + (low * c.stride + offset) * input.pixelStride
        for column in (low - x)..<(high - x) {
          taps[column] = pointer
          pointer += step
        }
        for column in (high - x)..<count { taps[column] = outside }
        taps += stride
      }
    }
  }
}
