// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "seeded-weights",
  dependencies: [.package(url: "https://github.com/…/limn", from: "0.1.0", traits: [])],
  targets: [
    .executableTarget(
      name: "seeded-weights", dependencies: [.product(name: "Networks", package: "limn")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ]
)
