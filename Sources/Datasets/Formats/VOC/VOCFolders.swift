/// The names of the folders of a VOC dataset.
package enum VOCFolders {
  /// The folder of mask images whose pixels are class indices.
  package static let classMasks = "SegmentationClass"
  /// The folder of mask images whose pixels are object indices.
  package static let objectMasks = "SegmentationObject"
  /// The folder of XML files.
  package static let annotations = "Annotations"
}
