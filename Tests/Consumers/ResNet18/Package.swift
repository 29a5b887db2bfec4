// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "resnet18",
  dependencies: [.package(url: "https://github.com/…/limn", from: "0.1.0", traits: [])],
  targets: [
    .executableTarget(
      name: "resnet18",
      dependencies: [.product(name: "Networks", package: "limn"), .product(name: "Tensor", package: "limn")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ]
)
