import Annotate
import Testing

@testable import limn

@Suite struct OfficialWeightsTests {
  @Test func namesFilesAndHashesAreDistinctAndWhole() {
    let all = OfficialWeights.all
    #expect(Set(all.map(\.name)).count == 7 && Set(all.map(\.fileName)).count == 7 && Set(all.map(\.sha256)).count == 7)
    for weights in all {
      #expect(weights.address.hasPrefix("https://"))
      #expect(weights.sha256.count == 64 && weights.sha256.allSatisfy { "0123456789abcdef".contains($0) })
      #expect(OfficialWeights.named(weights.name) == weights)
    }
    #expect(OfficialWeights.named("yolov5s.pt") == nil && OfficialWeights.named("YOLOv5s") == nil)
  }

  @Test func torchvisionsNamesEndInTheFirstDigitsOfTheirHashes() throws {
    for weights in OfficialWeights.all where weights.architecture == .maskRCNN {
      let stem = try #require(weights.fileName.split(separator: ".").first)
      #expect(stem.hasSuffix("-" + weights.sha256.prefix(8)))
    }
  }

  @Test func oneOfEachArchitectureIsRecommended() {
    #expect(
      Architecture.all.map { OfficialWeights.recommended(for: $0)?.name } == ["yolov5s", "maskrcnn_resnet50_fpn_v2"])
    #expect(OfficialWeights.all.filter(\.isRecommended).count == 2)
  }

  @Test func aMirrorReplacesEverythingBeforeTheFilesName() throws {
    let weights = try #require(OfficialWeights.named("yolov5m"))
    #expect(weights.fileName == "yolov5m.pt")
    #expect(weights.address(mirror: nil) == weights.address)
    #expect(weights.address(mirror: "http://m/a//") == "http://m/a/yolov5m.pt")
  }
}
