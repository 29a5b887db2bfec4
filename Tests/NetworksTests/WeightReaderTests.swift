import Testing

@testable import Networks

@Suite struct WeightReaderTests {
  private let path = weightFixture("expected.safetensors")

  @Test func placesAreKeys() throws {
    let reader = WeightReader(try WeightFile(path: weightFixture("module-protocol2.pt")))
    let convolution = reader["model"][0]["conv"]
    #expect(convolution.path == "model.0.conv")
    #expect(convolution.module?.className == "torch.nn.modules.conv.Conv2d")
    #expect(try convolution.shape(of: "weight") == [4, 3, 3, 3])
    #expect(try convolution.floats("weight", shape: [4, 3, 3, 3]).count == 108)
    #expect(try reader["model.0"].floats("conv.weight", shape: [4, 3, 3, 3]).count == 108)
    #expect(!convolution.contains("bias"))
    #expect(reader.children == ["model", "shared"])
    #expect(reader["model"].children == ["0", "1", "2"])
    #expect(reader["mod"].children == [])
  }

  @Test func errorsNameTheFullKey() throws {
    let reader = WeightReader(try WeightFile(path: path))["model"][0]
    #expect(throws: WeightFileError.missing(path: path, key: "model.0.conv.bias")) {
      try reader.floats("conv.bias", shape: [4])
    }
    #expect(throws: WeightFileError.missing(path: path, key: "model.0.x")) { try reader.shape(of: "x") }
    #expect(throws: WeightFileError.missing(path: path, key: "model.0.x")) { try reader.skip("x") }
    #expect(
      throws: WeightFileError.misshapen(
        path: path, key: "model.0.conv.weight", expected: [4], found: [4, 3, 3, 3])
    ) { try reader.floats("conv.weight", shape: [4]) }
  }

  @Test func whatWasNotReadIsNamed() throws {
    let reader = WeightReader(try WeightFile(path: path))
    let normalization = reader["model.1.bn"]
    for name in ["weight", "running_mean", "running_var"] { _ = try normalization.floats(name, shape: [4]) }
    #expect(throws: WeightFileError.unused(path: path, keys: ["model.1.bn.bias"])) { try normalization.finish() }
    try normalization.skip("bias")
    // `num_batches_tracked` was not read and is not missed.
    try normalization.finish()
    #expect(throws: WeightFileError.self) { try reader.finish() }
    // A failed read is none.
    #expect(throws: WeightFileError.self) { try reader["model.1.conv"].floats("weight", shape: []) }
    #expect(throws: WeightFileError.unused(path: path, keys: ["model.1.conv.weight"])) {
      try reader["model.1.conv"].finish()
    }
  }
}
