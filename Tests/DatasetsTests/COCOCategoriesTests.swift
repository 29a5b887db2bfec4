import Testing

@testable import Datasets

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

  /// The 91 names of torchvision's detectors: the background, then the classes at their official ids.
  static let torchvision: [String] = {
    let gaps: Set<Int> = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83]
    var names = all.makeIterator()
    return ["__background__"] + (1...90).map { gaps.contains($0) ? "N/A" : names.next() ?? "" }
  }()
}

@Suite struct COCOCategoriesTests {
  private func categories(_ labels: [String]) throws -> COCOCategories { COCOCategories(try LabelSet(labels)) }

  @Test func theClassesOfCOCOGetTheOfficialIDs() throws {
    let categories = try self.categories(COCOLabels.all)
    let gaps: Set<Int> = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83]
    #expect(categories.ids == (1...90).filter { !gaps.contains($0) })
    #expect(categories.objects(used: []).last == #"{"id": 90, "name": "toothbrush", "supercategory": "indoor"}"#)
  }

  @Test func torchvisionsNamesKeepTheirNumbers() throws {
    let categories = try self.categories(COCOLabels.torchvision)
    #expect(categories.ids == Array(0...90))
    // But for the order of the document's words, the 80 categories of the official annotations.
    #expect(try categories.objects(used: [1, 90]) == self.categories(COCOLabels.all).objects(used: []))
    let used = categories.objects(used: [12, 90])
    #expect(used.count == 81)
    #expect(used[11] == #"{"id": 12, "name": "N/A 12", "supercategory": ""}"#)
  }

  @Test func aBackgroundInFrontShiftsNoNumber() throws {
    let categories = try self.categories(["__background__", "cat", "dog"])
    #expect(categories.ids == [0, 1, 2])
    #expect(
      categories.objects(used: []) == [
        #"{"id": 1, "name": "cat", "supercategory": ""}"#, #"{"id": 2, "name": "dog", "supercategory": ""}"#,
      ])
    #expect(try self.categories(["cat", "__background__", "N/A"]).objects(used: []).count == 3)
  }

  @Test func anyOtherSetCountsFromOne() throws {
    var renamed = COCOLabels.all
    renamed[79] = "brush"
    #expect(try categories(renamed).ids == Array(1...80))
    #expect(try categories(Array(COCOLabels.all.dropLast())).ids == Array(1...79))
    #expect(try categories(COCOLabels.all.reversed()).ids == Array(1...80))
    #expect(try categories([]).ids == [])
    #expect(try categories(["duck"]).objects(used: []) == [#"{"id": 1, "name": "duck", "supercategory": ""}"#])
  }
}
