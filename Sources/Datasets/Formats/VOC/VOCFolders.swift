/// The folders of a VOC data set that matter to more than its writer.
package enum VOCFolders {
  /// Of images whose pixels number classes.
  package static let classMasks = "SegmentationClass"
  /// Of images whose pixels number objects.
  package static let objectMasks = "SegmentationObject"
  /// Of the XML files.
  package static let annotations = "Annotations"
}
