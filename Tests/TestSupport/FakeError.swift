/// A failure made on purpose, or of what a test needs.
package struct FakeError: Error, CustomStringConvertible {
  package let description: String

  package init(description: String) { self.description = description }
}
