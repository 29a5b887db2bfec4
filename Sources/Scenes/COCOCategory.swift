/// A class of COCO, the data set that most published networks were trained on.
package struct COCOCategory: Sendable, Hashable {
  /// The official id, 1 to 90 with gaps.
  package let id: Int
  /// The name.
  package let name: String
  /// The group to which it belongs in COCO.
  package let supercategory: String

  /// All 80 classes, in the order of YOLO's class numbers (`data/coco.yaml`).
  package static let all: [COCOCategory] = [
    COCOCategory(id: 1, name: "person", supercategory: "person"),
    COCOCategory(id: 2, name: "bicycle", supercategory: "vehicle"),
    COCOCategory(id: 3, name: "car", supercategory: "vehicle"),
    COCOCategory(id: 4, name: "motorcycle", supercategory: "vehicle"),
    COCOCategory(id: 5, name: "airplane", supercategory: "vehicle"),
    COCOCategory(id: 6, name: "bus", supercategory: "vehicle"),
    COCOCategory(id: 7, name: "train", supercategory: "vehicle"),
    COCOCategory(id: 8, name: "truck", supercategory: "vehicle"),
    COCOCategory(id: 9, name: "boat", supercategory: "vehicle"),
    COCOCategory(id: 10, name: "traffic light", supercategory: "outdoor"),
    COCOCategory(id: 11, name: "fire hydrant", supercategory: "outdoor"),
    COCOCategory(id: 13, name: "stop sign", supercategory: "outdoor"),
    COCOCategory(id: 14, name: "parking meter", supercategory: "outdoor"),
    COCOCategory(id: 15, name: "bench", supercategory: "outdoor"),
    COCOCategory(id: 16, name: "bird", supercategory: "animal"),
    COCOCategory(id: 17, name: "cat", supercategory: "animal"),
    COCOCategory(id: 18, name: "dog", supercategory: "animal"),
    COCOCategory(id: 19, name: "horse", supercategory: "animal"),
    COCOCategory(id: 20, name: "sheep", supercategory: "animal"),
    COCOCategory(id: 21, name: "cow", supercategory: "animal"),
    COCOCategory(id: 22, name: "elephant", supercategory: "animal"),
    COCOCategory(id: 23, name: "bear", supercategory: "animal"),
    COCOCategory(id: 24, name: "zebra", supercategory: "animal"),
    COCOCategory(id: 25, name: "giraffe", supercategory: "animal"),
    COCOCategory(id: 27, name: "backpack", supercategory: "accessory"),
    COCOCategory(id: 28, name: "umbrella", supercategory: "accessory"),
    COCOCategory(id: 31, name: "handbag", supercategory: "accessory"),
    COCOCategory(id: 32, name: "tie", supercategory: "accessory"),
    COCOCategory(id: 33, name: "suitcase", supercategory: "accessory"),
    COCOCategory(id: 34, name: "frisbee", supercategory: "sports"),
    COCOCategory(id: 35, name: "skis", supercategory: "sports"),
    COCOCategory(id: 36, name: "snowboard", supercategory: "sports"),
    COCOCategory(id: 37, name: "sports ball", supercategory: "sports"),
    COCOCategory(id: 38, name: "kite", supercategory: "sports"),
    COCOCategory(id: 39, name: "baseball bat", supercategory: "sports"),
    COCOCategory(id: 40, name: "baseball glove", supercategory: "sports"),
    COCOCategory(id: 41, name: "skateboard", supercategory: "sports"),
    COCOCategory(id: 42, name: "surfboard", supercategory: "sports"),
    COCOCategory(id: 43, name: "tennis racket", supercategory: "sports"),
    COCOCategory(id: 44, name: "bottle", supercategory: "kitchen"),
    COCOCategory(id: 46, name: "wine glass", supercategory: "kitchen"),
    COCOCategory(id: 47, name: "cup", supercategory: "kitchen"),
    COCOCategory(id: 48, name: "fork", supercategory: "kitchen"),
    COCOCategory(id: 49, name: "knife", supercategory: "kitchen"),
    COCOCategory(id: 50, name: "spoon", supercategory: "kitchen"),
    COCOCategory(id: 51, name: "bowl", supercategory: "kitchen"),
    COCOCategory(id: 52, name: "banana", supercategory: "food"),
    COCOCategory(id: 53, name: "apple", supercategory: "food"),
    COCOCategory(id: 54, name: "sandwich", supercategory: "food"),
    COCOCategory(id: 55, name: "orange", supercategory: "food"),
    COCOCategory(id: 56, name: "broccoli", supercategory: "food"),
    COCOCategory(id: 57, name: "carrot", supercategory: "food"),
    COCOCategory(id: 58, name: "hot dog", supercategory: "food"),
    COCOCategory(id: 59, name: "pizza", supercategory: "food"),
    COCOCategory(id: 60, name: "donut", supercategory: "food"),
    COCOCategory(id: 61, name: "cake", supercategory: "food"),
    COCOCategory(id: 62, name: "chair", supercategory: "furniture"),
    COCOCategory(id: 63, name: "couch", supercategory: "furniture"),
    COCOCategory(id: 64, name: "potted plant", supercategory: "furniture"),
    COCOCategory(id: 65, name: "bed", supercategory: "furniture"),
    COCOCategory(id: 67, name: "dining table", supercategory: "furniture"),
    COCOCategory(id: 70, name: "toilet", supercategory: "furniture"),
    COCOCategory(id: 72, name: "tv", supercategory: "electronic"),
    COCOCategory(id: 73, name: "laptop", supercategory: "electronic"),
    COCOCategory(id: 74, name: "mouse", supercategory: "electronic"),
    COCOCategory(id: 75, name: "remote", supercategory: "electronic"),
    COCOCategory(id: 76, name: "keyboard", supercategory: "electronic"),
    COCOCategory(id: 77, name: "cell phone", supercategory: "electronic"),
    COCOCategory(id: 78, name: "microwave", supercategory: "appliance"),
    COCOCategory(id: 79, name: "oven", supercategory: "appliance"),
    COCOCategory(id: 80, name: "toaster", supercategory: "appliance"),
    COCOCategory(id: 81, name: "sink", supercategory: "appliance"),
    COCOCategory(id: 82, name: "refrigerator", supercategory: "appliance"),
    COCOCategory(id: 84, name: "book", supercategory: "indoor"),
    COCOCategory(id: 85, name: "clock", supercategory: "indoor"),
    COCOCategory(id: 86, name: "vase", supercategory: "indoor"),
    COCOCategory(id: 87, name: "scissors", supercategory: "indoor"),
    COCOCategory(id: 88, name: "teddy bear", supercategory: "indoor"),
    COCOCategory(id: 89, name: "hair drier", supercategory: "indoor"),
    COCOCategory(id: 90, name: "toothbrush", supercategory: "indoor"),
  ]

  /// The names in the order of `all`.
  package static let names = all.map(\.name)

  /// The 91 names of torchvision, indexed by id: the background is 0, and unused ids are named `N/A`.
  package static let namesByID: [String] = {
    var names = [Detection.backgroundLabel] + Array(repeating: "N/A", count: 90)
    for category in all { names[category.id] = category.name }
    return names
  }()
}
