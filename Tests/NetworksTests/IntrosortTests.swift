import TestSupport
import Testing

@testable import Networks

/// The order of ties against GNU's C++ library, which PyTorch sorts with.
struct IntrosortTests {
  /// The values that `Fixtures/make_introsort.cpp` describes.
  private func values(_ kind: Substring, _ count: Int, _ distinct: Int) -> [Float] {
    var generator = SeededGenerator(seed: UInt64(count + distinct))
    let half = count / 2
    return (0..<count).map { index in
      let random = (Float(generator.next() >> 40) * 0x1p-24 * Float(distinct)).rounded(.down)
      switch kind {
      case "falling": return Float(count - index / distinct)
      case "rising": return Float(index / distinct)
      case "killer":
        let place = index + 1
        return -Float((place > half ? 2 * (place - half) : place % 2 == 1 ? place : half + place - 1) / distinct)
      case "nan": return index % 5 == 0 ? .nan : random
      default: return random
      }
    }
  }

  @Test func equalsTheLibrary() throws {
    let lines = String(decoding: try weightFixtureBytes("introsort.txt"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 1254)
    for line in lines {
      let words = line.split(separator: " ")
      let (count, distinct) = try (#require(Int(words[1])), #require(Int(words[2])))
      let values = values(words[0], count, distinct)
      let order = Int(words[3]).map { largest($0, of: values) } ?? unstableFallingOrder(values)
      let hash = order.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      #expect(String(hash) == words[4], "\(line)")
    }
  }

  @Test func withoutTiesThereIsOneOrder() {
    var generator = SeededGenerator(seed: 7)
    for count in [0, 1, 2, 3, 17, 639, 640, 641] {
      let values = (0..<count).map { Float($0) }.shuffled(using: &generator)
      let order = values.indices.sorted { values[$0] > values[$1] }
      #expect(unstableFallingOrder(values) == order)
      for limit in [0, 1, 9, 10, 11, count - 1, count, count + 1, .max / 64] where limit >= 0 {
        #expect(largest(limit, of: values) == Array(order.prefix(limit)), "\(limit) of \(count)")
      }
    }
  }

  @Test func notANumberComesFirst() {
    let values: [Float] = [1, .nan, .infinity, -.infinity, 0, 3]
    #expect(largest(6, of: values) == [1, 2, 5, 0, 4, 3])
    #expect(largest(2, of: values) == [1, 2])
    let none = [Float](repeating: .nan, count: 100)
    #expect(Set(largest(100, of: none)) == Set(0..<100))
    #expect(Set(unstableFallingOrder(none)) == Set(0..<100))
  }
}
