import TestSupport
import Testing

@testable import Networks

@Suite struct FileContentTests {
  @Test(arguments: [
    ("", "FILE is empty (0 bytes)"),
    ("hello\n", "FILE is not a weight file: it is a text file"),
    ("Gewichte, größer als alles", "FILE is not a weight file: it is a text file"),
    ("\u{FEFF}\r\n <!DOCTYPE HTML><p>", "FILE is not a weight file: it is a web page, saved instead of a download"),
    ("<html>", "FILE is not a weight file: it is a web page, saved instead of a download"),
    (
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
      "FILE is not a weight file: it is a Git LFS pointer, not the file itself; "
        + "fetch the file with `git lfs pull`"
    ),
    (
      "\u{1}\u{2}", "FILE is not a weight file: it starts neither like a safetensors file nor like a PyTorch checkpoint"
    ),
  ])
  func otherFilesAreNamed(text: String, sentence: String) throws {
    #expect(try refusal(of: Array(text.utf8)) == sentence)
  }

  @Test func aTextMayBeCutInsideACharacterWhereOnlyItsStartIsLookedAt() throws {
    let long = [0x20] + Array(String(repeating: "é", count: 400).utf8)
    #expect(try refusal(of: long) == "FILE is not a weight file: it is a text file")
    #expect(try refusal(of: [0x61, 0xC3])?.contains("starts neither") == true)
  }

  @Test func otherPicklesAreNamed() throws {
    #expect(try refusal(of: [0x80, 4, 0x4E, 0x2E])?.contains("a bare pickle") == true)
    #expect(
      try refusal(of: weightFixtureBytes("legacy.pt"))?.contains("without a zip archive, as PyTorch before 1.6 did")
        == true)
    #expect(try refusal(of: weightFixtureBytes("script.pt"))?.contains("a TorchScript archive") == true)
    #expect(
      try refusal(of: weightFixtureBytes("no-tensors.pt"))
        == "FILE cannot be read: it has no model, and no state dict at its top level or under one of its keys: loss, history"
    )
    let many = Pickle.dict((0..<12).map { ("k\($0)", Pickle.none) })
    #expect(try refusal(of: checkpoint(many))?.hasSuffix("k8, k9 and 2 more") == true)
    #expect(try refusal(of: checkpoint(Pickle.none))?.contains("no weights: neither a model nor a state dict") == true)
    #expect(try refusal(of: ZipBuilder([.init("a/b", [])]).bytes)?.contains("it has no file data.pkl") == true)
    #expect(try refusal(of: ZipBuilder([.init("data.pkl", [])]).bytes)?.contains("it has no file data.pkl") == true)
    #expect(try refusal(of: ZipBuilder([]).bytes)?.contains("it has no file data.pkl") == true)
    let big = ZipBuilder([.init("a/data.pkl", [0x4E, 0x2E]), .init("a/byteorder", Array("big".utf8))])
    #expect(try refusal(of: big.bytes)?.contains("byte order “big”") == true)
  }

  @Test func whatIsNoFileIsNamed() throws {
    let folder = try ScratchFolder()
    for (path, reason) in [
      (folder.path, "it is a folder"), ("/dev/null", "it is not a regular file"),
      (folder.path + "/none", "No such file or directory"),
    ] {
      #expect(throws: WeightFileError.cannotOpen(path: path, reason: reason)) { try WeightFile(path: path) }
    }
  }
}
