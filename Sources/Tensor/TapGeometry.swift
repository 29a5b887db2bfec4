/// The input address that each kernel position reads for each output pixel.
struct TapGeometry: Sendable {
  private let window: Window
  private let input: TensorView
  private let output: Shape
  /// Whether a kernel row is read as one run of elements.
  private let mergesRows: Bool
  let positions: Int
  let depth: Int
  var elementBytes: Int { input.format.byteCount }

  /// - Parameter mergesRows: Whether a kernel row is read as one run of elements, if `canMergeRows`. By default that
  ///   depends on whether the input is dense.
  init(_ window: Window, _ input: TensorView, _ output: TensorView, mergesRows: Bool? = nil) {
    self.window = window
    self.input = input
    self.output = output.shape
    self.mergesRows = window.canMergeRows && (mergesRows ?? input.isDense)
    assert(!self.mergesRows || input.isDense)
    positions = window.kernel.height * (self.mergesRows ? 1 : window.kernel.width)
    depth = input.shape.channels * (self.mergesRows ? window.kernel.width : 1)
  }

  typealias Taps = UnsafeMutablePointer<UnsafeRawPointer>

  /// Allocates an uninitialised table of `count` pointers, valid in the arena's current scope.
  static func table(_ count: Int, _ workspace: Workspace) -> Taps {
    workspace.arena.allocate(UnsafeRawPointer.self, count)
  }

  /// Fills `taps[position * stride + pixel]` for `count` output pixels from `first` on. A tap outside of the input gets
  /// the address `outside`.
  func fill(_ taps: Taps, stride: Int, from first: Int, count: Int, outside: UnsafeRawPointer) {
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
    _ taps: Taps, _ pitch: Int, row: Int, x: Int, count: Int, _ outside: UnsafeRawPointer
  ) {
    let (kernel, stride, padding, dilation) = (window.kernel, window.stride, window.padding, window.dilation)
    let batch = row / output.height
    let top = row % output.height * stride.height - padding.height
    let pixelBytes = input.pixelStride * input.format.byteCount
    let step = stride.width * pixelBytes
    var taps = taps
    for ky in 0..<kernel.height {
      let y = top + ky * dilation.height
      let isInside = y >= 0 && y < input.shape.height
      let line = input.address((batch * input.shape.height + (isInside ? y : 0)) * input.shape.width)
      for kx in 0..<(mergesRows ? 1 : kernel.width) {
        let offset = kx * dilation.width - padding.width
        // The output columns whose tap lies inside the input: 0 <= column * stride + offset < width.
        let low = isInside ? min(max((-offset + stride.width - 1) / stride.width, x), x + count) : x + count
        let high = min(max((input.shape.width - 1 - offset + stride.width) / stride.width, low), x + count)
        for column in 0..<(low - x) { taps[column] = outside }
        var pointer = UnsafeRawPointer(line) + (low * stride.width + offset) * pixelBytes
        for column in (low - x)..<(high - x) {
          taps[column] = pointer
          pointer += step
        }
        for column in (high - x)..<count { taps[column] = outside }
        taps += pitch
      }
    }
  }
}
