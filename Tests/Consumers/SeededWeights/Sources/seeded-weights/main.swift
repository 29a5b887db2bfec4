// Makes a safetensors file of seeded tensors, the same as reference.py makes for PyTorch. A line of the list is
// `NAME EXTENTxEXTENT SEED SCALE OFFSET`.
//
//   seeded-weights OUTPUT < LIST

import Glibc
import Networks

/// SplitMix64's upper 24 bits as floats from `offset - scale / 2` to `offset + scale / 2`.
func seeded(_ count: Int, _ scale: Float, _ offset: Float, seed: UInt64) -> [Float] {
  var state = seed
  return (0..<count).map { _ in
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    bits ^= bits >> 31
    return offset + scale * (Float(bits >> 40) * 0x1p-24 - 0.5)
  }
}

func fail(_ reason: String) -> Never {
  print("seeded-weights: \(reason)")
  exit(1)
}

guard CommandLine.arguments.count == 2 else { fail("name the output") }
var tensors: [SafetensorsWriter.Tensor] = []
while let line = readLine() {
  let words = line.split(separator: " ")
  guard words.count == 5, let seed = UInt64(words[2]), let scale = Float(words[3]), let offset = Float(words[4]) else {
    fail("this is not a line of a list: \(line)")
  }
  let shape = words[1].split(separator: "x").compactMap { Int($0) }
  let values = seeded(shape.reduce(1, *), scale, offset, seed: seed)
  tensors.append(.init(name: String(words[0]), shape: shape, floats: values))
}
try SafetensorsWriter.write(tensors, to: CommandLine.arguments[1])
