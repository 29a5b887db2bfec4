import Foundation
import TestSupport

/// A server that speaks TLS on loopback and answers one file's name with bytes given beforehand: `openssl s_server`.
final class SecureServer {
  /// `https://127.0.0.1:` and the port.
  let address: String
  /// The certificate to trust.
  let certificate: String
  private let process = Process()

  init(folder: String, name: String, answer: [UInt8]) throws {
    let served = folder + "/served"
    try FileManager.default.createDirectory(atPath: served, withIntermediateDirectories: true)
    try Data(answer).write(to: URL(fileURLWithPath: served + "/" + name))
    certificate = folder + "/certificate.pem"
    let key = folder + "/key.pem"
    let request = Process()
    request.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    request.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=limn", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
    ]
    request.standardError = FileHandle.nullDevice
    try request.run()
    request.waitUntilExit()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl", "s_server", "-HTTP", "-accept", "0", "-cert", certificate, "-key", key]
    process.currentDirectoryURL = URL(fileURLWithPath: served)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.runWithSignals()
    var text = ""
    while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { throw FakeError(description: "openssl s_server ended: \(text)") }
      text += String(decoding: data, as: UTF8.self)
    }
    let port = text.split(whereSeparator: \.isNewline).last { $0.contains("ACCEPT") }?.split(separator: ":").last ?? ""
    address = "https://127.0.0.1:\(port)"
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }
}
