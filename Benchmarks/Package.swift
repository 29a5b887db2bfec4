// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "limn-benchmarks",
  dependencies: [
    .package(name: "limn", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: [
    .executableTarget(
      name: "limn-bench",
      dependencies: [
        .product(name: "Tensor", package: "limn"),
        .product(name: "Networks", package: "limn"),
        .product(name: "Annotate", package: "limn"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: [.swiftLanguageMode(.v6)])
  ]
)
