// swift-tools-version: 6.2
import PackageDescription

/// An instruction-set level: one thin target that specialises `Kernels` under that level's flags.
struct Level {
  let target: String
  let compilerFlags: [String]
}

#if arch(x86_64)
  let levels = [
    Level(target: "KernelsBaseline", compilerFlags: []),
    Level(target: "KernelsAVX2", compilerFlags: ["-march=x86-64-v3", "-mtune=znver3"]),
    Level(target: "KernelsAVX512", compilerFlags: ["-march=x86-64-v4", "-mprefer-vector-width=512"]),
    Level(
      target: "KernelsAVX512Dot",
      compilerFlags: ["-march=x86-64-v4", "-mavx512bf16", "-mavx512vnni", "-mprefer-vector-width=512"]),
  ]
#else
  let levels = [Level(target: "KernelsBaseline", compilerFlags: [])]
#endif

let swift6: [SwiftSetting] = [.swiftLanguageMode(.v6)]

/// Kernels are optimised in debug builds too, so that tests do not crawl; their assertions are checked there.
func kernelSettings(_ compilerFlags: [String]) -> [SwiftSetting] {
  let flags = ["-Ounchecked", "-Xllvm", "-unroll-threshold=4000"] + compilerFlags.flatMap { ["-Xcc", $0] }
  let assertions = SwiftSetting.unsafeFlags(["-assert-config", "Debug"], .when(configuration: .debug))
  return swift6 + [.unsafeFlags(flags), assertions]
}

/// What tests compare with must not crawl either.
let testSupportSettings = swift6 + [.unsafeFlags(["-O"])]

let levelTargets = levels.map {
  Target.target(
    name: $0.target, dependencies: ["Kernels", "CIntrinsics"], swiftSettings: kernelSettings($0.compilerFlags))
}

let package = Package(
  name: "limn",
  products: [
    .library(name: "Tensor", targets: ["Tensor"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "Annotate", targets: ["Annotate"]),
    .executable(name: "limn", targets: ["limn"]),
  ],
  traits: [
    .trait(name: "CommandLine", description: "The command `limn` and the package it needs."),
    .default(enabledTraits: ["CommandLine"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .target(name: "CIntrinsics"),
    .target(name: "Kernels", swiftSettings: kernelSettings([])),
    .target(name: "Scenes", swiftSettings: swift6),
    .target(name: "Files", swiftSettings: swift6),
    .target(name: "JSON", swiftSettings: swift6),
    .target(name: "Codecs", dependencies: ["Scenes", "Files", "CJPEG", "CPNG"], swiftSettings: swift6),
    .target(name: "Drawing", dependencies: ["Scenes"], swiftSettings: swift6),
    .target(name: "Datasets", dependencies: ["Scenes", "Files", "JSON", "Codecs"], swiftSettings: swift6),
    .target(
      name: "Tensor",
      dependencies: ["Scenes", "Kernels", "CIntrinsics"] + levels.map { .target(name: $0.target) },
      swiftSettings: swift6),
    .target(name: "CWeights"),
    .target(name: "Networks", dependencies: ["Scenes", "Tensor", "Files", "JSON", "CWeights"], swiftSettings: swift6),
    .target(name: "Circles", dependencies: ["Scenes", "Tensor"], swiftSettings: swift6),
    .target(
      name: "Annotate",
      dependencies: ["Scenes", "Files", "JSON", "Codecs", "Drawing", "Datasets", "Tensor", "Networks", "Circles"],
      swiftSettings: swift6),
    .executableTarget(
      name: "limn",
      dependencies: [
        "Annotate", "Files", "JSON",
        .product(
          name: "ArgumentParser", package: "swift-argument-parser", condition: .when(traits: ["CommandLine"])),
      ],
      swiftSettings: swift6),
    .target(
      name: "TestSupport", dependencies: ["Scenes"], path: "Tests/TestSupport", swiftSettings: testSupportSettings),
    .target(
      name: "TensorTestSupport", dependencies: ["Tensor", "TestSupport"], path: "Tests/TensorTestSupport",
      swiftSettings: testSupportSettings),
    // It replaces the program's allocator, so it is in the programs of tests alone.
    .target(name: "AllocationCount", path: "Tests/Consumers/Frames/Sources/AllocationCount"),
    .testTarget(
      name: "ScenesTests", dependencies: ["Scenes", "TestSupport"], exclude: ["Fixtures"], swiftSettings: swift6),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: swift6),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"], swiftSettings: swift6),
    .testTarget(
      name: "CodecsTests", dependencies: ["Codecs", "TestSupport"], exclude: ["Fixtures"], swiftSettings: swift6),
    .testTarget(name: "DrawingTests", dependencies: ["Drawing", "TestSupport"], swiftSettings: swift6),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Codecs", "Files", "TestSupport"], swiftSettings: swift6),
    .testTarget(
      name: "TensorTests",
      dependencies: ["Tensor", "Scenes", "Kernels", "TestSupport", "TensorTestSupport", "AllocationCount"],
      exclude: ["Fixtures"], swiftSettings: swift6),
    .testTarget(
      name: "NetworksTests",
      dependencies: [
        "Networks", "Tensor", "Files", "JSON", "TestSupport", "TensorTestSupport", "AllocationCount",
      ],
      exclude: ["Fixtures"], swiftSettings: swift6),
    .testTarget(
      name: "CirclesTests", dependencies: ["Circles", "Tensor", "TestSupport", "TensorTestSupport"],
      exclude: ["Fixtures"], swiftSettings: swift6),
    .testTarget(
      name: "AnnotateTests", dependencies: ["Annotate", "Files", "TestSupport"], exclude: ["Fixtures"],
      swiftSettings: swift6),
    .testTarget(name: "LimnTests", dependencies: ["limn", "Annotate", "TestSupport"], swiftSettings: swift6),
  ] + levelTargets
)
