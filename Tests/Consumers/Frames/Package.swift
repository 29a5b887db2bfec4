// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "frames",
  dependencies: [.package(url: "https://github.com/…/limn", from: "0.1.0", traits: [])],
  targets: [
    .target(name: "AllocationCount"),
    .executableTarget(
      name: "frames", dependencies: ["AllocationCount", .product(name: "Annotate", package: "limn")],
      swiftSettings: [.treatAllWarnings(as: .error)]),
  ]
)
