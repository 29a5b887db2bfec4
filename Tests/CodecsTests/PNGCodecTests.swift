import Codecs
import Testing

@Suite struct PNGCodecTests {
  @Test func applesVariantIsNamed() throws {
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let chunk: [UInt8] = [0, 0, 0, 4] + Array("CgBI".utf8) + [0x50, 0, 0x20, 6, 0, 0, 0, 0]
    let error = #expect(throws: ImageFileError.self) { try ImageFile.decode(bytes: signature + chunk, name: "a.png") }
    guard case .unsupported(let sentence)? = error else {
      Issue.record("not unsupported: \(String(describing: error))")
      return
    }
    #expect(sentence.hasPrefix("a.png: this is Apple's variant of PNG for apps (CgBI)"))
  }
}
