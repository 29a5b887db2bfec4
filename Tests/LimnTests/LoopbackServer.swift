import Foundation
import Synchronization
import TestSupport

/// An HTTP server on loopback for one test: a closure gives the bytes of each answer, then the connection is closed.
final class LoopbackServer: Sendable {
  /// What a client asked for.
  struct Request: Sendable {
    let head: String

    /// What follows the method.
    var target: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

    /// Where the range asked for begins; nil without one.
    var start: Int? {
      guard let range = head.range(of: "Range: bytes=") else { return nil }
      return Int(head[range.upperBound...].prefix { $0.isNumber })
    }
  }

  /// What a client gets.
  struct Answer: Sendable {
    var bytes: [UInt8]
    /// Whether the connection stays open until the client has left, which is logged.
    var isHeld = false

    /// An answer of a status, with headers and a body that may be shorter than `length` says.
    init(_ status: String = "200 OK", _ headers: [String] = [], body: [UInt8] = [], length: Int? = nil) {
      let lines = ["HTTP/1.1 \(status)", "Content-Length: \(length ?? body.count)", "Connection: close"] + headers
      bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    /// What a server that knows ranges answers.
    init(_ request: Request, of content: [UInt8]) {
      guard let start = request.start else {
        self.init(body: content)
        return
      }
      guard start < content.count else {
        self.init("416 Range Not Satisfiable", ["Content-Range: bytes */\(content.count)"])
        return
      }
      let range = "Content-Range: bytes \(start)-\(content.count - 1)/\(content.count)"
      self.init("206 Partial Content", [range], body: Array(content[start...]))
    }

    /// A redirect.
    static func redirect(to address: String) -> Answer { Answer("302 Found", ["Location: \(address)"]) }
  }

  /// `http://127.0.0.1:` and the port.
  let address: String
  private let listener: Int32
  private let log: Log

  /// What was asked so far: the targets, with the beginning of the range where one was asked for.
  var requests: [String] { log.all }

  /// Listens on a free port; `answer` is called for each request, on any thread.
  init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port: UInt16? = withUnsafeMutablePointer(to: &place) { place in
      place.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, generic, &size) == 0
      } ? UInt16(bigEndian: place.pointee.sin_port) : nil
    }
    guard let port else { throw FakeError(description: "no socket on loopback: \(String(cString: strerror(errno)))") }
    address = "http://127.0.0.1:\(port)"
    self.listener = listener
    let log = Log()
    self.log = log
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { break }
        Thread.detachNewThread { Self.serve(connection, log, answer) }
      }
      close(listener)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func serve(_ connection: Int32, _ log: Log, _ answer: (Request) -> Answer) {
    defer { close(connection) }
    var head: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return }
      head += chunk[..<count]
    }
    let request = Request(head: String(decoding: head, as: UTF8.self))
    log.append(request.target + (request.start.map { " from \($0)" } ?? ""))
    let reply = answer(request)
    var rest = reply.bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
    guard reply.isHeld else { return }
    while recv(connection, &chunk, chunk.count, 0) > 0 {}
    log.append("the client has left")
  }
}
