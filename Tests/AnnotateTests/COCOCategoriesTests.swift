import Testing

@testable import Annotate

enum COCOLabels {
  /// The 80 classes, in the order of YOLOv5's official weights.
  static let all = """
    person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,\
    bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,\
    snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,\
    knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,\
    dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,\
    vase,scissors,teddy bear,hair drier,toothbrush
    """.split(separator: ",").map(String.init)
}

@Suite struct COCOCategoriesTests {
  @Test func theClassesOfCOCOGetTheOfficialIDs() {
    let categories = COCOCategories(labels: COCOLabels.all)
    let gaps: Set<Int> = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83]
    #expect(categories.ids == (1...90).filter { !gaps.contains($0) })
    #expect(categories.objects.last == #"{"id": 90, "name": "toothbrush", "supercategory": "indoor"}"#)
  }

  @Test func anyOtherSetCountsFromOne() {
    var renamed = COCOLabels.all
    renamed[79] = "brush"
    #expect(COCOCategories(labels: renamed).ids == Array(1...80))
    #expect(COCOCategories(labels: Array(COCOLabels.all.dropLast())).ids == Array(1...79))
    #expect(COCOCategories(labels: COCOLabels.all.reversed()).ids == Array(1...80))
    #expect(COCOCategories(labels: []).ids == [])
    #expect(COCOCategories(labels: ["duck"]).objects == [#"{"id": 1, "name": "duck", "supercategory": ""}"#])
  }
}
