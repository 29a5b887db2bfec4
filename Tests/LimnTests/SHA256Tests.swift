import Testing

@testable import limn

@Suite struct SHA256Tests {
  private func digest(_ pieces: [[UInt8]]) -> String {
    var digest = SHA256()
    for piece in pieces { piece.withUnsafeBytes { digest.update($0) } }
    return digest.hexadecimal
  }

  @Test(arguments: [
    ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func examplesOfTheStandard(text: String, count: Int, expected: String) {
    #expect(digest([Array(String(repeating: text, count: count).utf8)]) == expected)
  }

  @Test func piecesOfAnySizeGiveTheSameDigest() {
    let bytes = (0..<200).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for count in [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 200] {
      let whole = digest([Array(bytes[..<count])])
      for cut in [0, 1, 55, 63, 64, 65, 128] where cut <= count {
        #expect(digest([Array(bytes[..<cut]), [], Array(bytes[cut..<count])]) == whole)
      }
      #expect(digest(bytes[..<count].map { [$0] }) == whole)
    }
  }
}
