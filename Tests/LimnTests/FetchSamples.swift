import Foundation

@testable import limn

/// What the tests of fetching transfer.
enum FetchSamples {
  /// A safetensors file of 200 kB that holds a tensor characteristic of YOLOv5.
  static func weights(filler: UInt8 = 3) -> [UInt8] {
    var header = Array(#"{"model.24.anchors":{"dtype":"F32","shape":[50000],"data_offsets":[0,200000]}}"#.utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return length + header + (0..<200_000).map { UInt8(truncatingIfNeeded: $0 % 251) &+ filler }
  }

  static func digest(_ bytes: [UInt8]) -> String {
    var digest = SHA256()
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.hexadecimal
  }
}
