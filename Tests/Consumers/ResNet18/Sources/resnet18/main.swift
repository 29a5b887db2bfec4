// Compares the logits of ResNet-18 with those that PyTorch computes.
//
//   resnet18 WEIGHTS IMAGE < LOGITS

import Glibc
import Networks
import Tensor

func fail(_ reason: String) -> Never {
  print("resnet18: \(reason)")
  exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else { fail("name the weights and the image") }
let network = try ResNet18(WeightFile(path: arguments[1]))
let logits = try network(WeightFile(path: arguments[2]).tensor("image")).values

let head = readLine() ?? ""
var expected: [Float] = []
while let line = readLine() { expected.append(Float(line) ?? .nan) }
guard expected.count == logits.count else { fail("\(logits.count) logits, but PyTorch has \(expected.count)") }

let largest = zip(logits, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
print("resnet18: \(logits.count) logits at most \(largest) from: \(head.drop { "# ".contains($0) })")
guard largest <= 1e-5 else { fail("the logits are too far off") }
