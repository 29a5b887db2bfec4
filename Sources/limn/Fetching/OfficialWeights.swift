import Annotate

/// A weight file that its authors publish and that `limn weights fetch` fetches by name.
struct OfficialWeights: Sendable, Equatable {
  /// The name on the command line.
  var name: String
  /// The network.
  var architecture: Architecture
  /// The address of the file on the authors' server.
  var address: String
  /// The size in bytes.
  var size: Int
  /// The SHA-256 in lower-case hexadecimal: all 64 digits, or the first ones.
  var sha256: String
  /// The SPDX identifier of the licence that the authors state.
  var licence: String
  /// Whether they are recommended to a user who has no weights for the architecture.
  var isRecommended = false

  /// The file name: the part of the address after the last slash.
  var fileName: String {
    String(address[(address.lastIndex(of: "/").map(address.index(after:)) ?? address.startIndex)...])
  }

  /// The address of the file on a mirror, or on the authors' server if `mirror` is nil.
  func address(mirror: String?) -> String {
    guard var mirror else { return address }
    while mirror.hasSuffix("/") { mirror.removeLast() }
    return "\(mirror)/\(fileName)"
  }

  /// The official weights with exactly the given name, or nil.
  static func named(_ name: String) -> OfficialWeights? { all.first { $0.name == name } }

  /// The official weights that are recommended for an architecture, or nil.
  static func recommended(for architecture: Architecture) -> OfficialWeights? {
    all.first { $0.architecture == architecture && $0.isRecommended }
  }

  /// All official weights, in the order of the list.
  static let all = [
    yolov5("n", size: 4_062_133, sha256: "4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3"),
    yolov5("s", size: 14_808_437, sha256: "8b3b748c1e592ddd8868022e8732fde20025197328490623cc16c6f24d0782ee"),
    yolov5("m", size: 42_806_829, sha256: "61d933360ba5a7733a36764996c800287d973889d875227f5beedd2473a97a56"),
    yolov5("l", size: 93_622_629, sha256: "2f603b7354c25454d1270663a14d8ddc1eea98e5eebc1d84ce0c6e3150fa155f"),
    yolov5("x", size: 174_114_333, sha256: "9f27a794fa0308e2606f90565164571d6f0a0ba18a3ce2e5e5d323b71c157859"),
    torchvision(
      "maskrcnn_resnet50_fpn", file: "maskrcnn_resnet50_fpn_coco-bf2d0c1e.pth", size: 178_090_079,
      sha256: "bf2d0c1efbc936eeee2bc95a48e80ebc86b891f61b0106485937fc29f9315fc0"),
    torchvision(
      "maskrcnn_resnet50_fpn_v2", file: "maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth", size: 185_828_065,
      sha256: "73cbd0190fcbe3ba339921fbce2c3a0b6bb9126c9a133c85e43a2a8e060a109e"),
  ]

  private static func yolov5(_ variant: String, size: Int, sha256: String) -> OfficialWeights {
    OfficialWeights(
      name: "yolov5\(variant)", architecture: .yolov5,
      address: "https://github.com/ultralytics/yolov5/releases/download/v7.0/yolov5\(variant).pt", size: size,
      sha256: sha256, licence: "AGPL-3.0", isRecommended: variant == "s")
  }

  private static func torchvision(_ name: String, file: String, size: Int, sha256: String) -> OfficialWeights {
    OfficialWeights(
      name: name, architecture: .maskRCNN, address: "https://download.pytorch.org/models/\(file)", size: size,
      sha256: sha256, licence: "BSD-3-Clause", isRecommended: name.hasSuffix("_v2"))
  }
}
