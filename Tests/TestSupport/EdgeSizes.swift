/// The sizes at which a loop over steps of several elements goes wrong: nothing, less than a step, whole steps, and a
/// rest; of several steps together. By rising size.
package func edgeSizes(_ steps: Int...) -> [Int] {
  Set(steps.flatMap { [0, 1, $0 - 1, $0, $0 + 1, 2 * $0, 2 * $0 + 3] }).sorted()
}
