import Tensor
import TensorTestSupport
import TestSupport
import Testing

/// Integer-valued operands: every partial sum is an integer below 2^24, so any order of summation gives the same.
@Suite struct ConvolutionTests {
  @Test(
    arguments: Engine.availableLevels,
    [(1, 1), (3, 3), (5, 5), (6, 6), (7, 7), (1, 3), (3, 1)])
  func everyGeometry(_ level: InstructionSetLevel, _ kernel: (height: Int, width: Int)) throws {
    let engine = try Engine(level: level, threads: 1)
    for stride in 1...3 {
      for padding in 0...3 {
        for dilation in 1...2 {
          let configuration = Convolution.Configuration(
            inputChannels: 3, outputChannels: 17, kernel: Extent(height: kernel.height, width: kernel.width),
            stride: Extent(stride), padding: Extent(padding), dilation: Extent(dilation))
          try expectExact(configuration, Shape(height: 14, width: 13, channels: 3), engine)
        }
      }
    }
  }

  /// Stride, padding and dilation that differ between the two directions.
  @Test(arguments: Engine.availableLevels, [(1, 1), (3, 3), (2, 5)])
  func unequalGeometry(_ level: InstructionSetLevel, _ kernel: (height: Int, width: Int)) throws {
    let engine = try Engine(level: level, threads: 1)
    let lanes = engine.kernels.lanes
    for stride in [Extent(height: 1, width: 2), Extent(height: 3, width: 1), 2] {
      for padding in [Extent(height: 0, width: 1), Extent(height: 2, width: 0), 1] {
        for dilation in [Extent(height: 1, width: 2), Extent(height: 2, width: 1), 1] {
          let configuration = Convolution.Configuration(
            inputChannels: lanes, outputChannels: lanes, kernel: Extent(height: kernel.height, width: kernel.width),
            stride: stride, padding: padding, dilation: dilation)
          try expectExact(configuration, Shape(height: 14, width: 13, channels: lanes), engine)
        }
      }
    }
  }

  @Test(arguments: Engine.availableLevels, [(2, 1), (2, 3), (4, 1)])
  func groups(_ level: InstructionSetLevel, _ geometry: (groups: Int, kernel: Int)) throws {
    let engine = try Engine(level: level, threads: 2)
    let lanes = engine.kernels.lanes
    for (inputs, outputs) in [(1, 1), (3, 5), (lanes, lanes), (1, 2), (2, 1), (2 * lanes, lanes + 1)] {
      for isBefore in [false, true] {
        let configuration = Convolution.Configuration(
          inputChannels: geometry.groups * inputs, outputChannels: geometry.groups * outputs,
          kernel: Extent(geometry.kernel), padding: Extent(geometry.kernel / 2), groups: geometry.groups,
          activation: .relu, addsBeforeActivation: isBefore)
        let shape = Shape(batch: 2, height: 5, width: 7, channels: configuration.inputChannels)
        try expectExact(configuration, shape, hasResidual: true, engine)
      }
    }
  }

  @Test(
    arguments: Engine.availableLevels,
    [
      Shape(height: 1, width: 1, channels: 1), Shape(height: 1, width: 29, channels: 1),
      Shape(height: 31, width: 1, channels: 1), Shape(height: 2, width: 3, channels: 1),
      Shape(height: 5, width: 5, channels: 1), Shape(height: 7, width: 7, channels: 1),
      Shape(height: 6, width: 6, channels: 1), Shape(height: 6, width: 11, channels: 1),
      Shape(height: 8, width: 10, channels: 1), Shape(height: 9, width: 12, channels: 1),
      Shape(height: 13, width: 17, channels: 1), Shape(height: 37, width: 45, channels: 1),
    ])
  func everyExtent(_ level: InstructionSetLevel, _ extent: Shape) throws {
    let engine = try Engine(level: level, threads: 2)
    for (kernel, stride) in [(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (6, 2)] {
      for channels in [3, engine.kernels.lanes] {
        let configuration = Convolution.Configuration(
          inputChannels: channels, outputChannels: 2 * engine.kernels.lanes, kernel: Extent(kernel),
          stride: Extent(stride),
          padding: Extent(kernel / 2))
        let shape = Shape(batch: 2, height: extent.height, width: extent.width, channels: channels)
        try expectExact(configuration, shape, engine)
      }
    }
  }

  /// One panel of each width, and one more vector than the widest.
  @Test(arguments: Engine.availableLevels, 0..<12)
  func everyCountOfChannels(_ level: InstructionSetLevel, _ index: Int) throws {
    let engine = try Engine(level: level, threads: 1)
    let lanes = engine.kernels.lanes
    let panels = (1...engine.kernels.tileSizes.maximumColumns + 1).map { $0 * lanes }
    let sizes = Set(edgeSizes(lanes) + panels + [255]).subtracting([0]).sorted()
    #expect(sizes.count <= 12)
    guard index < sizes.count else { return }
    let outputs = sizes[index]
    for inputs in [1, 3, lanes - 1, lanes, lanes + 1, 2 * lanes, 2 * lanes + 3, 64, 255] {
      for (kernel, stride) in [(1, 1), (3, 1), (3, 2)] {
        let configuration = Convolution.Configuration(
          inputChannels: inputs, outputChannels: outputs, kernel: Extent(kernel), stride: Extent(stride),
          padding: Extent(kernel / 2))
        try expectExact(configuration, Shape(height: 3, width: 5, channels: inputs), engine)
      }
    }
  }

  /// Of each tile, with outputs that fill it.
  @Test(arguments: Engine.availableLevels)
  func everyCountOfPixels(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    for slot in 0..<engine.kernels.tileSizes.maximumColumns {
      let tile = try #require(engine.kernels.tiles[slot])
      for pixels in edgeSizes(tile.rows).dropFirst() {
        let configuration = Convolution.Configuration(
          inputChannels: 5, outputChannels: tile.columns * engine.kernels.lanes, activation: .relu)
        try expectExact(configuration, Shape(height: 1, width: pixels, channels: 5), hasResidual: true, engine)
      }
    }
  }

  @Test(arguments: Engine.availableLevels, [false, true])
  func residualBeforeOrAfterTheActivation(_ level: InstructionSetLevel, _ isBefore: Bool) throws {
    let engine = try Engine(level: level, threads: 2)
    for channels in [engine.kernels.lanes, 2 * engine.kernels.lanes + 1] {
      for kernel in [1, 3] {
        for activation in [Activation.none, .relu] {
          let configuration = Convolution.Configuration(
            inputChannels: channels, outputChannels: channels, kernel: Extent(kernel), padding: Extent(kernel / 2),
            activation: activation, addsBeforeActivation: isBefore)
          let shape = Shape(batch: 2, height: 7, width: 9, channels: channels)
          try expectExact(configuration, shape, hasResidual: true, engine)
        }
      }
    }
  }

  @Test(arguments: Engine.availableLevels, Activation.allCases)
  func randomValues(_ level: InstructionSetLevel, _ activation: Activation) throws {
    let engine = try Engine(level: level, threads: 2)
    let layers: [(channels: Int, kernel: Int, stride: Int, tolerance: Tolerance)] = [
      (33, 1, 1, .implicitConvolution), (64, 1, 1, .implicitConvolution), (33, 3, 2, .implicitConvolution),
      (33, 3, 1, .implicitConvolution), (3, 6, 2, .implicitConvolution), (48, 3, 1, .winogradConvolution),
      (64, 3, 1, .winogradConvolution), (64, 3, 2, .winogradConvolution),
    ]
    for (channels, kernel, stride, tolerance) in layers {
      for (isBefore, preservesTies) in [(false, false), (true, false), (true, true)] {
        let configuration = Convolution.Configuration(
          inputChannels: channels, outputChannels: 48, kernel: Extent(kernel), stride: Extent(stride),
          padding: Extent(kernel / 2),
          activation: activation, addsBeforeActivation: isBefore, preservesTies: preservesTies)
        let shape = Shape(height: 11, width: 18, channels: channels)
        let operands = try ConvolutionOperands(random: configuration, shape, hasResidual: true)
        let output = try operands.convolve(engine)
        let reference = operands.reference
        let isLarge = preservesTies && kernel == 3 && stride == 1 && channels % engine.kernels.lanes == 0
        #expect(
          mismatch(
            output.values, reference.values, magnitudes: reference.magnitudes,
            isLarge ? .largeWinogradConvolution : tolerance) == nil,
          "\(configuration) on \(shape)")
      }
    }
  }

  /// The tiles of 6×6 that guarded layers have, and those of 4×4 that many channels have.
  @Test(arguments: Engine.availableLevels, [1, 2, 5, 6, 7, 12, 13])
  func everyExtentOfGuardedTiles(_ level: InstructionSetLevel, _ height: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    for width in [1, 4, 5, 6, 7, 8, 11, 12, 13] {
      for channels in [engine.kernels.lanes, 512] where channels < 512 || width == 13 {
        let configuration = Convolution.Configuration(
          inputChannels: channels, outputChannels: 2 * engine.kernels.lanes, kernel: 3, padding: 1,
          activation: .relu, preservesTies: true)
        let shape = Shape(batch: 2, height: height, width: width, channels: channels)
        let operands = try ConvolutionOperands(random: configuration, shape, hasResidual: true)
        let reference = operands.reference
        let output = try operands.convolve(engine)
        #expect(
          mismatch(
            output.values, reference.values, magnitudes: reference.magnitudes,
            .largeWinogradConvolution) == nil,
          "\(configuration) on \(shape)")
      }
    }
  }

  /// Where `preservesTies`, equal 3×3 neighbourhoods give equal outputs to the last bit, flat parts next to
  /// others included: a picture of flat rectangles, one of them zeros, over noise.
  @Test(arguments: Engine.availableLevels, [1, 2])
  func equalNeighbourhoodsGiveEqualOutputs(_ level: InstructionSetLevel, _ threads: Int) throws {
    let engine = try Engine(level: level, threads: threads)
    let channels = engine.kernels.lanes
    let shape = Shape(height: 37, width: 41, channels: channels)
    let configuration = Convolution.Configuration(
      inputChannels: channels, outputChannels: 2 * channels, kernel: 3, padding: 1, preservesTies: true)
    var generator = SeededGenerator(seed: 11)
    let levels = [Float](repeating: 0, count: channels) + generator.floats(channels)
    var values = generator.floats(shape.count)
    func fill(_ rows: Range<Int>, _ columns: Range<Int>, level: Int) {
      for y in rows {
        for x in columns {
          for c in 0..<channels { values[(y * shape.width + x) * channels + c] = levels[level * channels + c] }
        }
      }
    }
    fill(3..<17, 5..<30, level: 1)
    fill(9..<14, 11..<19, level: 0)
    fill(20..<37, 0..<23, level: 0)
    fill(30..<37, 30..<41, level: 1)
    let convolution = try Convolution(
      configuration, weights: generator.floats(2 * channels * channels * 9), bias: generator.floats(2 * channels),
      engine: engine)
    let output = try convolution(Tensor(shape: shape, values: values)).values

    var outputs: [[Float]: ArraySlice<Float>] = [:]
    var repeated = 0
    for y in 1..<shape.height - 1 {
      for x in 1..<shape.width - 1 {
        var neighbourhood: [Float] = []
        for row in y - 1...y + 1 {
          let start = (row * shape.width + x - 1) * channels
          neighbourhood += values[start..<start + 3 * channels]
        }
        let pixel = (y * shape.width + x) * 2 * channels
        let found = output[pixel..<pixel + 2 * channels]
        if let other = outputs[neighbourhood] {
          repeated += 1
          #expect(found.elementsEqual(other), "\(x), \(y)")
        } else {
          outputs[neighbourhood] = found
        }
      }
    }
    #expect(repeated > 500)
  }

  /// Of the pixels that a tile reads, only the last two of a row or a column are equal; the same neighbourhood lies in the
  /// middle of another tile.
  @Test(arguments: Engine.availableLevels, [false, true])
  func equalPixelsAtTheEdgeOfATile(_ level: InstructionSetLevel, _ isVertical: Bool) throws {
    let engine = try Engine(level: level, threads: 1)
    for (channels, tile) in [(engine.kernels.lanes, 6), (512, 4)] {
      let shape = Shape(height: 3 * tile, width: 3 * tile, channels: channels)
      var generator = SeededGenerator(seed: 13)
      var values = generator.floats(shape.count)
      func copy(_ source: (y: Int, x: Int), to target: (y: Int, x: Int)) {
        for channel in 0..<channels {
          values[(target.y * shape.width + target.x) * channels + channel] =
            values[(source.y * shape.width + source.x) * channels + channel]
        }
      }
      let (edge, middle) = (tile - 1, tile + 2)
      copy((edge, edge), to: isVertical ? (edge + 1, edge) : (edge, edge + 1))
      for y in -1...1 {
        for x in -1...1 { copy((edge + y, edge + x), to: (middle + y, middle + x)) }
      }
      let convolution = try Convolution(
        .init(
          inputChannels: channels, outputChannels: engine.kernels.lanes, kernel: 3, padding: 1, preservesTies: true),
        weights: generator.floats(engine.kernels.lanes * channels * 9), engine: engine)
      let output = try convolution(Tensor(shape: shape, values: values))
      for channel in 0..<engine.kernels.lanes {
        #expect(output[0, edge, edge, channel] == output[0, middle, middle, channel], "\(channels), \(channel)")
      }
    }
  }

  @Test(arguments: Engine.availableLevels)
  func biasDefaultsToZero(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 1)
    let convolution = try Convolution(
      .init(inputChannels: 1, outputChannels: 3), weights: [1, 10, 100], engine: engine)
    let output = try convolution(Tensor(shape: Shape(height: 1, width: 2, channels: 1), values: [1, 2]))
    #expect(output.shape == Shape(height: 1, width: 2, channels: 3))
    #expect(output.values == [1, 10, 100, 2, 20, 200])
  }

  /// Few large blocks, many small ones, and panels shared out.
  @Test(arguments: Engine.availableLevels, [1, 3])
  func threadsChangeNothing(_ level: InstructionSetLevel, _ kernel: Int) throws {
    for (inputs, outputs, extent, stride) in [
      (32, 160, 9, 1), (16, 33, 40, 1), (48, 48, 3, 1), (16, 48, 61, 1), (16, 48, 61, 2), (32, 160, 9, 2),
    ] {
      let configuration = Convolution.Configuration(
        inputChannels: inputs, outputChannels: outputs, kernel: Extent(kernel), stride: Extent(stride),
        padding: Extent(kernel / 2),
        activation: .silu)
      let shape = Shape(batch: 2, height: extent, width: extent + 1, channels: inputs)
      let operands = try ConvolutionOperands(random: configuration, shape)
      let alone = try operands.convolve(Engine(level: level, threads: 1)).values
      for threads in 2...3 {
        let shared = try operands.convolve(Engine(level: level, threads: threads)).values
        #expect(shared == alone, "\(threads) threads, \(configuration) on \(shape)")
      }
    }
  }

  @Test(arguments: Engine.availableLevels)
  func sharedEngineInManyTasks(_ level: InstructionSetLevel) async throws {
    let engine = try Engine(level: level, threads: 2)
    let configuration = Convolution.Configuration(
      inputChannels: 16, outputChannels: 32, kernel: 3, padding: 1, activation: .relu)
    let operands = try ConvolutionOperands(random: configuration, Shape(height: 21, width: 22, channels: 16))
    let alone = try operands.convolve(engine).values
    let convolution = try operands.convolution(engine)
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<6 { group.addTask { try convolution(operands.input).values } }
      for try await values in group { #expect(values == alone) }
    }
  }
}

// MARK: - Slices

extension ConvolutionTests {
  /// Input, residual and output are channels 2..., 3... and 5... of wider tensors.
  @Test(arguments: Engine.availableLevels, [1, 3])
  func slicesOfChannels(_ level: InstructionSetLevel, _ kernel: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    for outputs in [1, engine.kernels.lanes, engine.kernels.lanes + 1, 3 * engine.kernels.lanes] {
      let configuration = Convolution.Configuration(
        inputChannels: engine.kernels.lanes, outputChannels: outputs, kernel: Extent(kernel),
        padding: Extent(kernel / 2),
        activation: .relu)
      let shape = Shape(batch: 2, height: 6, width: 5, channels: engine.kernels.lanes)
      let operands = try ConvolutionOperands(integers: configuration, shape, hasResidual: true)
      let input = try operands.input.widened(before: 2, after: 1)
      let residual = try operands.residual?.widened(before: 3, after: 3)
      var output = try Tensor(shape: operands.reference.shape.withChannels(outputs + 9), repeating: sentinel)
      let convolution = try operands.convolution(engine)
      output.withMutableView { output in
        engine.withWorkspace { workspace in
          input.withView { input in
            residual?.withView { residual in
              convolution(
                input.channels(2..<2 + engine.kernels.lanes), into: output.channels(5..<5 + outputs),
                adding: residual.channels(3..<3 + outputs), workspace)
            }
          }
        }
      }
      #expect(mismatch(output.channels(5..<5 + outputs), operands.reference.values) == nil)
      #expect(output.channels(0..<5).allSatisfy { $0 == sentinel }, "\(outputs) channels written below the slice")
      #expect(
        output.channels(5 + outputs..<9 + outputs).allSatisfy { $0 == sentinel },
        "\(outputs) channels written above the slice")
    }
  }

  /// Two convolutions write to one tensor, whose last channel stays.
  @Test(arguments: Engine.availableLevels)
  func concatenation(_ level: InstructionSetLevel) throws {
    let engine = try Engine(level: level, threads: 2)
    let shape = Shape(height: 4, width: 5, channels: 3)
    let wide = try ConvolutionOperands(
      integers: .init(inputChannels: 3, outputChannels: 7, kernel: 3, padding: 1), shape, hasResidual: true)
    let narrow = try ConvolutionOperands(integers: .init(inputChannels: 3, outputChannels: 2), shape)
    var output = try Tensor(shape: shape.withChannels(10), repeating: sentinel)
    try wide.convolution(engine)(wide.input, into: &output, at: 2, adding: wide.residual)
    try narrow.convolution(engine)(narrow.input, into: &output, at: 0)
    #expect(mismatch(output.channels(0..<2), narrow.reference.values) == nil)
    #expect(mismatch(output.channels(2..<9), wide.reference.values) == nil)
    #expect(output.channels(9..<10).allSatisfy { $0 == sentinel })
    let convolution = try wide.convolution(engine)
    for channel in [-1, 4, .max, .min] {
      #expect(
        throws: TensorError.invalidShape(
          "the output has shape [1, 4, 5, 10], the result [1, 4, 5, 7] does not fit into its channels from \(channel) on"
        )
      ) { try convolution(wide.input, into: &output, at: channel) }
    }
  }

  /// The output's slice holds the residual, as the bottlenecks of a network do.
  @Test(arguments: Engine.availableLevels, [1, 3])
  func residualInPlace(_ level: InstructionSetLevel, _ kernel: Int) throws {
    let engine = try Engine(level: level, threads: 2)
    for outputs in [engine.kernels.lanes - 1, 2 * engine.kernels.lanes] {
      for isBefore in [false, true] {
        let configuration = Convolution.Configuration(
          inputChannels: engine.kernels.lanes, outputChannels: outputs, kernel: Extent(kernel),
          padding: Extent(kernel / 2),
          activation: .relu, addsBeforeActivation: isBefore)
        let operands = try ConvolutionOperands(
          integers: configuration, Shape(height: 9, width: 7, channels: engine.kernels.lanes), hasResidual: true)
        var output = try #require(try operands.residual?.widened(before: 1, after: 2))
        let convolution = try operands.convolution(engine)
        output.withMutableView { output in
          engine.withWorkspace { workspace in
            operands.input.withView { input in
              let slice = output.channels(1..<1 + outputs)
              convolution(input, into: slice, adding: slice, workspace)
            }
          }
        }
        #expect(mismatch(output.channels(1..<1 + outputs), operands.reference.values) == nil)
      }
    }
  }
}

// MARK: - What is refused

extension ConvolutionTests {
  @Test func parametersOutOfRange() throws {
    let engine = try Engine(threads: 1)
    let cases: [(Convolution.Configuration, String)] = [
      (.init(inputChannels: 0, outputChannels: 1), "inputChannels must be 1 to 1048576, got 0"),
      (.init(inputChannels: 1, outputChannels: -1), "outputChannels must be 1 to 1048576, got -1"),
      (.init(inputChannels: .max, outputChannels: .max), "inputChannels must be 1 to 1048576, got \(Int.max)"),
      (
        .init(inputChannels: 1, outputChannels: 1, kernel: .init(height: 0, width: 1)),
        "kernel.height must be 1 to 1024, got 0"
      ),
      (
        .init(inputChannels: 1, outputChannels: 1, kernel: .init(height: 1, width: 1025)),
        "kernel.width must be 1 to 1024, got 1025"
      ),
      (.init(inputChannels: 1, outputChannels: 1, stride: 0), "stride.height must be 1 to 1024, got 0"),
      (
        .init(inputChannels: 1, outputChannels: 1, stride: .init(height: 1, width: .max)),
        "stride.width must be 1 to 1024, got \(Int.max)"
      ),
      (.init(inputChannels: 1, outputChannels: 1, padding: -1), "padding.height must be 0 to 1024, got -1"),
      (
        .init(inputChannels: 1, outputChannels: 1, padding: .init(height: 0, width: 1025)),
        "padding.width must be 0 to 1024, got 1025"
      ),
      (.init(inputChannels: 1, outputChannels: 1, dilation: 0), "dilation.height must be 1 to 1024, got 0"),
      (
        .init(inputChannels: 1, outputChannels: 1, dilation: .init(height: 1, width: 0)),
        "dilation.width must be 1 to 1024, got 0"
      ),
      (.init(inputChannels: 1, outputChannels: 1, groups: 0), "groups must be 1 to 1048576, got 0"),
      (
        .init(inputChannels: 64, outputChannels: 32, groups: 3),
        "3 groups must divide the channels, got 64 input and 32 output channels"
      ),
      (
        .init(inputChannels: 64, outputChannels: 48, groups: 32),
        "32 groups must divide the channels, got 64 input and 48 output channels"
      ),
      (
        .init(inputChannels: 1, outputChannels: 1, kernel: .init(height: 127, width: 130)),
        "a kernel may have at most 16384 positions, got 127x130"
      ),
    ]
    for (configuration, message) in cases {
      #expect(throws: TensorError.invalidParameter(message)) {
        try Convolution(configuration, weights: [1], engine: engine)
      }
    }
  }

  @Test func wrongCountsOfWeights() throws {
    let engine = try Engine(threads: 1)
    let configuration = Convolution.Configuration(
      inputChannels: 2, outputChannels: 3, kernel: .init(height: 1, width: 5))
    #expect(throws: TensorError.invalidShape("a convolution [3, 2, 1, 5] needs 30 weights, got 29")) {
      try Convolution(configuration, weights: .init(repeating: 0, count: 29), engine: engine)
    }
    #expect(throws: TensorError.invalidShape("a convolution to 3 channels needs 3 biases, got 4")) {
      try Convolution(
        configuration, weights: .init(repeating: 0, count: 30), bias: [1, 2, 3, 4], engine: engine)
    }
  }

  @Test func valuesThatAreNotFinite() throws {
    let engine = try Engine(threads: 1)
    let configuration = Convolution.Configuration(inputChannels: 2, outputChannels: 1)
    #expect(throws: TensorError.invalidParameter("every weight must be finite, but weight 1 is nan")) {
      try Convolution(configuration, weights: [0, .nan], engine: engine)
    }
    #expect(throws: TensorError.invalidParameter("every bias must be finite, but bias 0 is -inf")) {
      try Convolution(configuration, weights: [0, 1], bias: [-.infinity], engine: engine)
    }
  }

  @Test func shapesThatDoNotFit() throws {
    let configuration = Convolution.Configuration(
      inputChannels: 2, outputChannels: 3, kernel: 3, padding: 1, dilation: 2)
    let convolution = try Convolution(
      configuration, weights: .init(repeating: 0, count: 54), engine: Engine(threads: 1))
    let message = "a convolution of 2 input channels got an input of shape [1, 5, 5, 3]"
    #expect(throws: TensorError.invalidShape(message)) {
      try convolution(Tensor(shape: Shape(height: 5, width: 5, channels: 3)))
    }
    #expect(
      throws: TensorError.invalidShape("a 3x3 kernel of dilation 2x2 does not fit into [1, 9, 2, 2] with padding 1x1")
    ) {
      try convolution(Tensor(shape: Shape(height: 9, width: 2, channels: 2)))
    }
    let input = try Tensor(shape: Shape(height: 5, width: 5, channels: 2))
    var output = try Tensor(shape: Shape(height: 3, width: 3, channels: 2))
    #expect(throws: TensorError.invalidShape("the output has shape [1, 3, 3, 2], the result [1, 3, 3, 3]")) {
      try convolution(input, into: &output)
    }
    #expect(throws: TensorError.invalidShape("the residual has shape [1, 5, 5, 2], the output [1, 3, 3, 3]")) {
      try convolution(input, adding: input)
    }
    #expect(
      throws: TensorError.invalidShape(
        "a tensor must have extents of at least 1 and at most 2^32 elements, got [0, 5, 5, 2]")
    ) {
      try convolution.outputShape(for: Shape(batch: 0, height: 5, width: 5, channels: 2))
    }
  }
}

// MARK: -

private let sentinel: Float = 12_345.5

private func expectExact(
  _ configuration: Convolution.Configuration, _ shape: Shape, hasResidual: Bool = false, _ engine: Engine,
  _ location: SourceLocation = #_sourceLocation
) throws {
  guard configuration.expectedShape(for: shape).count > 0 else { return }
  let operands = try ConvolutionOperands(integers: configuration, shape, hasResidual: hasResidual)
  let output = try operands.convolve(engine)
  let reference = operands.reference
  #expect(output.shape == reference.shape, sourceLocation: location)
  #expect(
    mismatch(output.values, reference.values) == nil, "\(configuration) on \(shape)", sourceLocation: location)
}
